/**
 * A Go string: one UTF-16 unit per byte, so that length, slices, order and columns count bytes as Go does.
 * Text of ASCII only is the same in both forms, which makes the usual case free.
 */
export type ByteString = string;

/** What Go decodes from an invalid byte. */
export const runeError = 0xfffd;

const nonAscii = /[^\0-\x7f]/;

/** Text to bytes; lone surrogates become U+FFFD. */
export function encodeText(text: string): ByteString {
  return nonAscii.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
}

/** Bytes to text; every invalid byte becomes U+FFFD, as when Go writes JSON. */
export function decodeText(bytes: ByteString): string {
  if (!nonAscii.test(bytes)) return bytes;
  const text = Buffer.from(bytes, "latin1").toString("utf8");
  // The host's decoder makes one U+FFFD of several bytes.
  return text.includes("\ufffd") ? Buffer.from(fromRunes(runesOf(bytes)), "latin1").toString("utf8") : text;
}

/** Bytes of a file to a Go string, unchanged. */
export function fromBytes(bytes: Uint8Array): ByteString {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** A Go string to its bytes, unchanged. */
export function toBytes(text: ByteString): Uint8Array {
  return Buffer.from(text, "latin1");
}

/** Tells whether every byte is ASCII. */
export function isAscii(text: ByteString): boolean {
  return !nonAscii.test(text);
}

/** One decoded character and the bytes it takes. */
export interface DecodedRune {
  readonly rune: number;
  readonly size: number;
}

const invalid: DecodedRune = { rune: runeError, size: 1 };

/** Decodes the character that starts at byte `at`; an invalid byte gives U+FFFD of size 1. */
export function decodeRune(text: ByteString, at: number): DecodedRune {
  const lead = text.charCodeAt(at);
  if (lead < 0x80) return { rune: lead, size: 1 };
  if (lead < 0xc2 || lead > 0xf4) return invalid;
  const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (at + size > text.length) return invalid;
  let rune = lead & (0xff >> (size + 1));
  for (let i = 1; i < size; i++) {
    const next = text.charCodeAt(at + i);
    if ((next & 0xc0) !== 0x80) return invalid;
    rune = (rune << 6) | (next & 0x3f);
  }
  const overlong = (size === 3 && rune < 0x800) || (size === 4 && rune < 0x10000);
  if (overlong || rune > 0x10ffff || (rune >= 0xd800 && rune <= 0xdfff)) return invalid;
  return { rune, size };
}

/** The first characters of a string, at most `count`; an invalid byte counts as one. */
export function firstRunes(text: ByteString, count: number): ByteString {
  let at = 0;
  for (let left = count; left > 0 && at < text.length; left--) at += decodeRune(text, at).size;
  return text.slice(0, at);
}

function isValidRune(rune: number): boolean {
  return rune >= 0 && rune <= 0x10ffff && !(rune >= 0xd800 && rune <= 0xdfff);
}

/** Bytes of one character; what is no character becomes U+FFFD. */
export function encodeRune(rune: number): ByteString {
  if (!isValidRune(rune)) return "\xef\xbf\xbd";
  return rune < 0x80 ? String.fromCharCode(rune) : encodeText(String.fromCodePoint(rune));
}

/** The characters of a string, invalid bytes as U+FFFD: Go's `[]rune(s)`. */
export function runesOf(text: ByteString): number[] {
  const runes: number[] = [];
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code < 0x80) {
      runes.push(code);
      at++;
      continue;
    }
    const decoded = decodeRune(text, at);
    runes.push(decoded.rune);
    at += decoded.size;
  }
  return runes;
}

/** Number of characters; an invalid byte counts as one. */
export function runeCount(text: ByteString): number {
  if (isAscii(text)) return text.length;
  let count = 0;
  for (let at = 0; at < text.length; count++) at += decodeRune(text, at).size;
  return count;
}

/** How many characters are put together at once; much cheaper than one by one. */
const chunkSize = 4096;

/** Characters to bytes. */
export function fromRunes(runes: readonly number[]): ByteString {
  let out = "";
  for (let from = 0; from < runes.length; from += chunkSize) {
    const chunk = runes.slice(from, from + chunkSize).map((rune) => (isValidRune(rune) ? rune : runeError));
    out += encodeText(String.fromCodePoint(...chunk));
  }
  return out;
}

/**
 * Replaces characters: `pattern` (global) finds the bytes that may need it, single ASCII ones or runs of others, and
 * `replace` is given each character of them with its bytes; an invalid byte comes as U+FFFD of size 1.
 */
export function replaceRunes(
  text: ByteString,
  pattern: RegExp,
  replace: (rune: number, bytes: ByteString) => ByteString,
): ByteString {
  return text.replaceAll(pattern, (run) => {
    let out = "";
    for (let at = 0; at < run.length;) {
      const { rune, size } = decodeRune(run, at);
      out += replace(rune, run.slice(at, at + size));
      at += size;
    }
    return out;
  });
}

/** Maps every character, invalid bytes as U+FFFD: Go's `strings.Map`. */
export function mapRunes(text: ByteString, map: (rune: number) => number): ByteString {
  return fromRunes(runesOf(text).map((rune) => map(rune)));
}
