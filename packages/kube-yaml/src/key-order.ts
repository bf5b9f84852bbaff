const letter = /^\p{L}$/u;
const digit = /^\p{Nd}$/u;

/**
 * go-yaml's natural key order: letters by code point, a letter after a non-letter, digit runs as numbers, so
 * `a2` comes before `a10`. Upstream's rule is not transitive for every set of keys; nor is this.
 */
export function compareKeys(left: string, right: string): number {
  const a = Array.from(left);
  const b = Array.from(right);
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const x = a[index] ?? "";
    const y = b[index] ?? "";
    if (x === y) continue;
    const xLetter = letter.test(x);
    const yLetter = letter.test(y);
    if (xLetter && yLetter) return codePoint(x) - codePoint(y);
    if (xLetter || yLetter) return yLetter ? -1 : 1;
    return compareDigitRuns(a, b, index);
  }
  return a.length - b.length;
}

function compareDigitRuns(a: readonly string[], b: readonly string[], index: number): number {
  const start = a[index] === "0" || b[index] === "0" ? leadingOne(a, index) : 0;
  const left = readRun(a, index, start);
  const right = readRun(b, index, start);
  if (left.value !== right.value) return left.value < right.value ? -1 : 1;
  if (left.end !== right.end) return left.end - right.end;
  return codePoint(a[index] ?? "") - codePoint(b[index] ?? "");
}

/** A zero inside a number counts: with a non-zero digit before it, both runs start from 1. */
function leadingOne(characters: readonly string[], index: number): number {
  for (let before = index - 1; before >= 0 && digit.test(characters[before] ?? ""); before--) {
    if (characters[before] !== "0") return 1;
  }
  return 0;
}

function readRun(characters: readonly string[], from: number, start: number): { value: bigint; end: number } {
  let value = BigInt(start);
  let end = from;
  while (digit.test(characters[end] ?? "")) {
    value = BigInt.asIntN(64, value * 10n + BigInt(codePoint(characters[end] ?? "") - 0x30));
    end++;
  }
  return { value, end };
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}
