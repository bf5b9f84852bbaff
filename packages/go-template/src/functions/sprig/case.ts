import { type ByteString, encodeRune, fromRunes, runeError, runesOf } from "../../text/byte-string.ts";
import { isLetter, isPunct, isSpace, isUpper, toLower, toUpper } from "../../text/unicode.ts";
import { define, type FunctionMap } from "../function.ts";

function isConnector(rune: number): boolean {
  return rune === 45 || rune === 95 || isSpace(rune);
}

const number = /\p{N}/u;
function isNumber(rune: number): boolean {
  return number.test(String.fromCodePoint(rune));
}

/** Pascal case: a run of n connectors keeps n-1 of them, leading ones stay, a run of capitals is lowered. */
function pascalCase(text: ByteString): ByteString {
  const runes = runesOf(text);
  const start = runes.findIndex((rune) => !isConnector(rune));
  // The library writes the last of nothing but connectors twice.
  if (start < 0) return fromRunes([...runes, ...runes.slice(-1)]);
  const out = runes.slice(0, start);
  let current = runes[start] ?? 0;
  let lowering = isUpper(current);
  current = toUpper(current);
  for (const next of runes.slice(start + 1)) {
    const previous = current;
    current = next;
    if (isConnector(current) && isConnector(previous)) {
      out.push(previous);
    } else if (isConnector(previous)) {
      lowering = isUpper(current);
      current = toUpper(current);
    } else {
      if (lowering && isUpper(current)) current = toLower(current);
      else lowering = false;
      out.push(previous);
    }
  }
  return fromRunes([...out, current]);
}

type WordKind = "invalid" | "number" | "upper" | "letters" | "connector" | "punctuation" | "other";

interface Word {
  readonly kind: WordKind;
  readonly runes: readonly number[];
}

/** Letters other than the common CJK ideographs. */
function isAlphabet(rune: number): boolean {
  if (!isLetter(rune)) return false;
  const ideograph =
    (rune >= 0x4e00 && rune <= 0x9fcc) ||
    (rune >= 0x3400 && rune <= 0x4d85) ||
    (rune >= 0x20000 && rune <= 0x2b81d);
  return !ideograph;
}

function runFrom(runes: readonly number[], at: number, belongs: (rune: number) => boolean): number {
  let end = at;
  while (end < runes.length && belongs(runes[end] ?? 0)) end++;
  return end;
}

/** Cuts off the next word: runs of one kind, where a capital goes with the small letters after it. */
function wordAt(runes: readonly number[], at: number): Word {
  const first = runes[at];
  const take = (kind: WordKind, end: number): Word => ({ kind, runes: runes.slice(at, end) });
  if (first === undefined) return { kind: "invalid", runes: [] };
  if (first === runeError) return take("invalid", at + 1);
  if (isConnector(first)) return take("connector", runFrom(runes, at, isConnector));
  if (isPunct(first)) return take("punctuation", runFrom(runes, at, isPunct));
  if (isUpper(first)) return take("upper", upperEnd(runes, at));
  if (isAlphabet(first)) {
    return take(
      "letters",
      runFrom(runes, at, (rune) => isAlphabet(rune) && !isUpper(rune)),
    );
  }
  if (isNumber(first)) return take("number", runFrom(runes, at, isNumber));
  const end = runFrom(
    runes,
    at + 1,
    (rune) => !isConnector(rune) && !isAlphabet(rune) && !isNumber(rune) && !isPunct(rune),
  );
  return take("other", end);
}

/** `HTTPStatus` is `HTTP` and `Status`: the last capital of a run belongs to the small letters that follow. */
function upperEnd(runes: readonly number[], at: number): number {
  const next = runes[at + 1];
  if (next === undefined) return at + 1;
  if (!isUpper(next)) return runFrom(runes, at + 1, (rune) => isAlphabet(rune) && !isUpper(rune));
  const end = runFrom(runes, at, isUpper);
  return end < runes.length && isAlphabet(runes[end] ?? 0) ? end - 1 : end;
}

/** Splits into words and joins them with the connector, the way xstrings 1.5 does for snake and kebab case. */
class LowerCase {
  readonly #runes: readonly number[];
  readonly #connector: string;
  #at = 0;
  #word: Word = { kind: "invalid", runes: [] };
  #out = "";

  constructor(text: ByteString, connector: string) {
    this.#runes = runesOf(text);
    this.#connector = connector;
  }

  run(): ByteString {
    this.#advance();
    while (this.#at < this.#runes.length) {
      if (this.#word.kind !== "connector") this.#write(this.#word);
      const previous = this.#word;
      this.#advance();
      if (previous.kind === "connector") this.#write(previous);
      else if (previous.kind === "number") this.#afterNumber();
      else if (previous.kind !== "punctuation") this.#afterLetters();
    }
    this.#write(this.#word);
    return this.#out;
  }

  #advance(): void {
    this.#word = wordAt(this.#runes, this.#at);
    this.#at += this.#word.runes.length;
  }

  #write({ kind, runes }: Word): void {
    const changes = kind === "upper" || kind === "connector";
    for (const rune of runes) {
      if (changes && isConnector(rune)) this.#out += this.#connector;
      else this.#out += encodeRune(changes && isUpper(rune) ? toLower(rune) : rune);
    }
  }

  #kind(): WordKind {
    return this.#word.kind;
  }

  #connectUnless(...kinds: WordKind[]): void {
    if (!kinds.includes(this.#word.kind)) this.#out += this.#connector;
  }

  #writeLettersAndNumbers(): void {
    while (this.#word.kind === "letters" || this.#word.kind === "number") {
      this.#write(this.#word);
      this.#advance();
    }
  }

  #afterNumber(): void {
    this.#writeLettersAndNumbers();
    this.#connectUnless("invalid", "punctuation", "connector");
  }

  /** A number belongs to the word before it, unless small letters follow it. */
  #afterLetters(): void {
    if (this.#kind() !== "number") return this.#connectUnless("connector", "punctuation");
    if (this.#at >= this.#runes.length) return;
    const digits = this.#word;
    this.#advance();
    if (this.#kind() !== "letters") {
      this.#write(digits);
      return this.#connectUnless("connector", "punctuation");
    }
    this.#out += this.#connector;
    this.#write(digits);
    this.#writeLettersAndNumbers();
    this.#connectUnless("invalid", "connector", "punctuation");
  }
}

/** Case conversions of whole identifiers. */
export const caseConversions: FunctionMap = {
  camelcase: define(["string"], ([text]) => pascalCase(text)),
  snakecase: define(["string"], ([text]) => new LowerCase(text, "_").run()),
  kebabcase: define(["string"], ([text]) => new LowerCase(text, "-").run()),
};
