import { yamlError } from "./cursor.ts";
import type { YamlError } from "./errors.ts";

/** A text ready for scanning, and what the scanner meets where it ends too early. */
export interface ReadText {
  readonly text: string;
  readonly defect: YamlError | undefined;
}

interface Defect {
  /** Bytes before it. */
  readonly offset: number;
  readonly problem: string;
  /** Whether bytes are only missing, so that all before can be read. */
  readonly isIncomplete?: boolean;
}

type Encoding = "utf-8" | "utf-16le" | "utf-16be";

/** The Go library reads in pieces of so many bytes, and gets nothing of a piece with a defect. */
const pieceSize = 512;

const forbidden =
  // oxlint-disable-next-line no-control-regex -- these are the characters YAML forbids
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Decodes a text, drops a leading byte order mark, and cuts the text where bytes or characters are not allowed. */
export function readText(input: string | Uint8Array, source: string | undefined): ReadText {
  if (typeof input === "string") return cut(input, undefined, { encoding: "utf-8", source });
  const encoding = detectEncoding(input);
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  try {
    return cut(decoder.decode(input), undefined, { encoding, source });
  } catch {
    const defect = encoding === "utf-8" ? findBadUtf8(input) : findBadUtf16(input, encoding);
    return cut(decoder.decode(input.subarray(0, defect.offset)), defect, { encoding, source });
  }
}

function detectEncoding(bytes: Uint8Array): Encoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
}

function cut(
  text: string,
  badBytes: Defect | undefined,
  { encoding, source }: { readonly encoding: Encoding; readonly source: string | undefined },
): ReadText {
  const content = (from: string): string => (from.startsWith("\ufeff") ? from.slice(1) : from);
  const found = text.search(forbidden);
  const at = found < 0 ? text.length : found;
  const problem = found < 0 ? badBytes?.problem : "control characters are not allowed";
  if (problem === undefined) return { text: content(text), defect: undefined };
  const good = text.slice(0, at);
  const lineStart = good.lastIndexOf("\n") + 1;
  const mark = { offset: at, line: good.split("\n").length - 1, column: at - lineStart };
  const isWhole = found < 0 && badBytes?.isIncomplete === true;
  const readable = isWhole
    ? good
    : encoding === "utf-8"
      ? wholePieces(good)
      : good.slice(0, at - (at % (pieceSize / 2)));
  return { text: content(readable), defect: yamlError(problem, 0, { mark, source }) };
}

/** The text without its last, unfinished piece; a character on the border belongs to the later one. */
function wholePieces(text: string): string {
  const bytes = Buffer.from(text);
  let end = bytes.length - (bytes.length % pieceSize);
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", 0, end);
}

/** What libyaml's reader says of the first bytes that are no UTF-8. */
function findBadUtf8(bytes: Uint8Array): Defect {
  let offset = 0;
  while (offset < bytes.length) {
    const first = bytes[offset] ?? 0;
    const width = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if ((first >= 0x80 && first < 0xc0) || first >= 0xf8) break;
    if (offset + width > bytes.length) {
      return { offset, problem: "incomplete UTF-8 octet sequence", isIncomplete: true };
    }
    const problem = describeSequence(first, bytes.subarray(offset + 1, offset + width));
    if (problem !== undefined) return { offset, problem };
    offset += width;
  }
  return { offset, problem: "invalid leading UTF-8 octet" };
}

function describeSequence(first: number, rest: Uint8Array): string | undefined {
  if (rest.some((byte) => (byte & 0xc0) !== 0x80)) return "invalid trailing UTF-8 octet";
  const second = rest[0] ?? 0;
  const isOverlong =
    first === 0xc0 ||
    first === 0xc1 ||
    (first === 0xe0 && second < 0xa0) ||
    (first === 0xf0 && second < 0x90);
  if (isOverlong) return "invalid length of a UTF-8 sequence";
  const isBeyond = (first === 0xed && second >= 0xa0) || (first === 0xf4 && second >= 0x90) || first > 0xf4;
  return isBeyond ? "invalid Unicode character" : undefined;
}

/** The same for UTF-16. */
function findBadUtf16(bytes: Uint8Array, encoding: Encoding): Defect {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isSurrogate = (unit: number, kind: number): boolean => (unit & 0xfc00) === kind;
  let offset = 0;
  for (; offset + 2 <= bytes.length; offset += 2) {
    const unit = view.getUint16(offset, encoding === "utf-16le");
    if (isSurrogate(unit, 0xdc00)) return { offset, problem: "unexpected low surrogate area" };
    if (!isSurrogate(unit, 0xd800)) continue;
    if (offset + 4 > bytes.length) {
      return { offset, problem: "incomplete UTF-16 surrogate pair", isIncomplete: true };
    }
    offset += 2;
    if (!isSurrogate(view.getUint16(offset, encoding === "utf-16le"), 0xdc00)) {
      return { offset: offset - 2, problem: "expected low surrogate area" };
    }
  }
  return { offset, problem: "incomplete UTF-16 character", isIncomplete: true };
}
