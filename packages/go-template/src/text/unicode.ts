/** Character classes and simple (one to one) case mappings, as Go's unicode package defines them. */

function classOf(pattern: RegExp): (rune: number) => boolean {
  return (rune) => pattern.test(String.fromCodePoint(rune));
}

const letter = classOf(/\p{L}/u);
const digit = classOf(/\p{Nd}/u);
const space = classOf(/[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/u);
const printable = classOf(/[\p{L}\p{M}\p{N}\p{P}\p{S}]/u);

/** Letters: category L. */
export function isLetter(rune: number): boolean {
  if (rune < 0x80) return (rune | 32) >= 97 && (rune | 32) <= 122;
  return letter(rune);
}

/** Decimal digits: category Nd. */
export function isDigit(rune: number): boolean {
  if (rune < 0x80) return rune >= 48 && rune <= 57;
  return digit(rune);
}

/** White space as Go's `unicode.IsSpace`. */
export function isSpace(rune: number): boolean {
  if (rune < 0x80) return rune === 32 || (rune >= 9 && rune <= 13);
  return space(rune);
}

/** Characters that quoting keeps: letters, marks, numbers, punctuation, symbols and the ASCII blank. */
export function isPrint(rune: number): boolean {
  if (rune < 0x80) return rune >= 32 && rune < 127;
  return printable(rune);
}

/** Punctuation: category P. */
export const isPunct: (rune: number) => boolean = classOf(/\p{P}/u);
/** Category Lu. */
export const isUpper: (rune: number) => boolean = classOf(/\p{Lu}/u);
/** Category Ll. */
export const isLower: (rune: number) => boolean = classOf(/\p{Ll}/u);
/** Category Lt. */
export const isTitle: (rune: number) => boolean = classOf(/\p{Lt}/u);

/** Upper case of one character; characters whose upper case is a sequence keep their simple mapping. */
export function toUpper(rune: number): number {
  const upper = String.fromCodePoint(rune).toUpperCase();
  const first = upper.codePointAt(0) ?? rune;
  if (upper.length === (first > 0xffff ? 2 : 1)) return first;
  // Greek letters with iota subscript: the full mapping is a pair, the simple one the titlecase letter.
  if (rune >= 0x1f80 && rune <= 0x1faf) return rune | 8;
  if (rune === 0x1fb3 || rune === 0x1fc3 || rune === 0x1ff3) return rune + 9;
  return rune;
}

/** Lower case of one character. */
export function toLower(rune: number): number {
  return String.fromCodePoint(rune).toLowerCase().codePointAt(0) ?? rune;
}

/** Title case of one character: upper case but for the Latin digraphs and Georgian. */
export function toTitle(rune: number): number {
  if (rune >= 0x01c4 && rune <= 0x01cc) return rune - ((rune - 0x01c4) % 3) + 1;
  if (rune >= 0x01f1 && rune <= 0x01f3) return 0x01f2;
  if ((rune >= 0x10d0 && rune <= 0x10fa) || (rune >= 0x10fd && rune <= 0x10ff)) return rune;
  return toUpper(rune);
}
