import { composeFirst } from "./compose.ts";
import { construct } from "./construct.ts";
import { yamlError } from "./cursor.ts";
import { YamlError } from "./errors.ts";
import type { JsonValue } from "./json-value.ts";

/** How `decodeYaml` reads, and what it refuses. */
export interface DecodeYamlOptions {
  /** Name of the text in errors, for instance a path. */
  readonly source?: string;
  /** Refuses mappings with two equal keys, as the strict readers of the Go library do. Default false. */
  readonly uniqueKeys?: boolean;
  /** Largest text in UTF-16 units or bytes. Default 32 Mi. */
  readonly maxSize?: number;
  /** Deepest nesting. Default 1000; the Go library takes 10000. */
  readonly maxDepth?: number;
  /** Most nodes (scalars, lists, mappings, aliases). Default 250,000. */
  readonly maxNodes?: number;
}

/**
 * Reads the first YAML document as sigs.k8s.io/yaml does: YAML 1.1 scalars, duplicate keys (last wins), merge
 * keys, keys turned into strings; later documents are not looked at. An empty text is `null`.
 * Throws YamlError with line and column; `limit` for hostile sizes, depths and alias bombs.
 */
export function decodeYaml(text: string | Uint8Array, options: DecodeYamlOptions = {}): JsonValue {
  const { source, maxSize = 32 * 1024 * 1024, maxDepth = 1000, maxNodes = 250_000 } = options;
  if (text.length > maxSize) {
    throw new YamlError("limit", `error converting YAML to JSON: yaml: text is longer than ${maxSize}`, {
      source,
    });
  }
  const characters = typeof text === "string" ? text : decodeBytes(text, source);
  const node = composeFirst(checkCharacters(characters, source), { source, maxDepth, maxNodes });
  return node === undefined ? null : construct(node, source, { uniqueKeys: options.uniqueKeys ?? false });
}

/** UTF-8, or UTF-16 where a byte order mark says so. */
function decodeBytes(bytes: Uint8Array, source: string | undefined): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? "utf-16le"
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? "utf-16be"
        : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new YamlError("syntax", `error converting YAML to JSON: yaml: ${describeBadBytes(bytes)}`, {
      source,
      cause,
    });
  }
}

/** What libyaml's reader says of the first bytes that are no UTF-8. */
function describeBadBytes(bytes: Uint8Array): string {
  for (let index = 0; index < bytes.length;) {
    const first = bytes[index] ?? 0;
    const width = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if ((first >= 0x80 && first < 0xc0) || first >= 0xf8) return "invalid leading UTF-8 octet";
    if (index + width > bytes.length) return "incomplete UTF-8 octet sequence";
    const rest = bytes.subarray(index + 1, index + width);
    if (rest.some((byte) => (byte & 0xc0) !== 0x80)) return "invalid trailing UTF-8 octet";
    const second = rest[0] ?? 0;
    if (
      first === 0xc0 ||
      first === 0xc1 ||
      (first === 0xe0 && second < 0xa0) ||
      (first === 0xf0 && second < 0x90)
    ) {
      return "invalid length of a UTF-8 sequence";
    }
    if ((first === 0xed && second >= 0xa0) || (first === 0xf4 && second >= 0x90) || first > 0xf4) {
      return "invalid Unicode character";
    }
    index += width;
  }
  return "invalid leading UTF-8 octet";
}

const forbidden =
  // oxlint-disable-next-line no-control-regex -- these are the characters YAML forbids
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Refuses control characters before anything is read, and drops a leading byte order mark. */
function checkCharacters(text: string, source: string | undefined): string {
  const at = text.search(forbidden);
  if (at >= 0) {
    const before = text.slice(0, at);
    const lineStart = before.lastIndexOf("\n") + 1;
    const mark = { offset: at, line: before.split("\n").length - 1, column: at - lineStart };
    throw yamlError("control characters are not allowed", 0, { mark, source });
  }
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}
