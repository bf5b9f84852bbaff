import { limitError } from "../limits.ts";
import { type ByteString, decodeRune, encodeRune, replaceRunes, runeError } from "./byte-string.ts";
import { isPrint } from "./unicode.ts";

const short: Readonly<Record<number, string>> = {
  7: "\\a",
  8: "\\b",
  12: "\\f",
  10: "\\n",
  13: "\\r",
  9: "\\t",
  11: "\\v",
};

/** What may need an escape: ASCII one by one, everything else in runs. */
const special = /[\x80-\xff]+|[^ !#-[\]-~\x80-\xff]/g;

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

function escapeRune(rune: number, quote: number, ascii: boolean): string {
  if (rune === quote || rune === 92) return `\\${String.fromCharCode(rune)}`;
  if (rune < 0x80 ? isPrint(rune) : !ascii && isPrint(rune)) return encodeRune(rune);
  const known = short[rune];
  if (known !== undefined) return known;
  if (rune < 32 || rune === 127) return `\\x${hex(rune, 2)}`;
  return rune < 0x10000 ? `\\u${hex(rune, 4)}` : `\\U${hex(rune, 8)}`;
}

/** A Go string literal in double quotes, as `strconv.Quote`; `ascii` escapes everything else. */
export function quote(text: ByteString, { ascii = false }: { ascii?: boolean } = {}): ByteString {
  const inside = replaceRunes(text, special, (rune, bytes) =>
    rune === runeError && bytes.length === 1
      ? `\\x${hex(bytes.charCodeAt(0), 2)}`
      : escapeRune(rune, 34, ascii),
  );
  return `"${inside}"`;
}

/** A Go character literal in single quotes; what is no character shows as U+FFFD. */
export function quoteRune(rune: number, { ascii = false }: { ascii?: boolean } = {}): ByteString {
  const valid = rune >= 0 && rune <= 0x10ffff && !(rune >= 0xd800 && rune <= 0xdfff);
  return `'${escapeRune(valid ? rune : runeError, 39, ascii)}'`;
}

/** Tells whether the text fits a raw literal in back quotes. */
export function canBackquote(text: ByteString): boolean {
  for (let at = 0; at < text.length;) {
    const { rune, size } = decodeRune(text, at);
    if (size === 1 && (rune === runeError || (rune < 32 && rune !== 9) || rune === 96 || rune === 127))
      return false;
    if (rune === 0xfeff) return false;
    at += size;
  }
  return true;
}

/** Longest literal with escapes, which are put together one by one. */
const maxEscaped = 1024 * 1024;

const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, "\\": 92 };

/** What one escape or character of a literal stands for, and where the next begins. */
interface Unquoted {
  readonly bytes: ByteString;
  readonly rune: number;
  readonly next: number;
}

function unquoteNumber(text: ByteString, at: number, digits: number, base: 8 | 16): number | undefined {
  const part = text.slice(at, at + digits);
  const pattern = base === 8 ? /^[0-7]+$/ : /^[0-9a-fA-F]+$/;
  return part.length === digits && pattern.test(part) ? Number.parseInt(part, base) : undefined;
}

function unquoteEscape(text: ByteString, at: number, quoteMark: string): Unquoted | undefined {
  const letter = text[at] ?? "";
  const simple = letter === quoteMark ? letter.charCodeAt(0) : escapes[letter];
  if (simple !== undefined) return { bytes: String.fromCharCode(simple), rune: simple, next: at + 1 };
  if (letter >= "0" && letter <= "7") {
    const value = unquoteNumber(text, at, 3, 8);
    return value === undefined || value > 255
      ? undefined
      : { bytes: String.fromCharCode(value), rune: value, next: at + 3 };
  }
  const digits = letter === "x" ? 2 : letter === "u" ? 4 : letter === "U" ? 8 : 0;
  if (digits === 0) return undefined;
  const value = unquoteNumber(text, at + 1, digits, 16);
  if (value === undefined) return undefined;
  const next = at + 1 + digits;
  if (digits === 2) return { bytes: String.fromCharCode(value), rune: value, next };
  if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return undefined;
  return { bytes: encodeRune(value), rune: value, next };
}

/** Reads one character or escape at byte `at` of a literal's inside; `undefined` for what Go calls invalid syntax. */
export function unquoteCharacter(text: ByteString, at: number, quoteMark: string): Unquoted | undefined {
  const letter = text[at];
  if (letter === undefined || letter === quoteMark || letter === "\n") return undefined;
  if (letter === "\\") return unquoteEscape(text, at + 1, quoteMark);
  const { rune, size } = decodeRune(text, at);
  return { bytes: encodeRune(rune), rune, next: at + size };
}

/** The value of a string literal in double or back quotes; `undefined` for what Go calls invalid syntax. */
export function unquote(literal: ByteString): ByteString | undefined {
  const inside = literal.slice(1, -1);
  if (literal.startsWith("`")) return inside.replaceAll("\r", "");
  if (/^[ !#-[\]-~\t\r]*$/.test(inside)) return inside;
  if (inside.length > maxEscaped) throw limitError(`string literal exceeds ${maxEscaped} bytes`);
  let out = "";
  for (let at = 0; at < inside.length;) {
    const character = unquoteCharacter(inside, at, '"');
    if (character === undefined) return undefined;
    out += character.bytes;
    at = character.next;
  }
  return out;
}
