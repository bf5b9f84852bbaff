import {
  type ByteString,
  decodeRune,
  fromRunes,
  mapRunes,
  runeError,
  runesOf,
} from "../../text/byte-string.ts";
import { isLetter, isPunct, isSpace, isUpper, toLower, toUpper } from "../../text/unicode.ts";
import { defineScan, type FunctionMap } from "../function.ts";

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

/** A character with its bytes, which begin with any invalid ones that stand before it. */
interface Character {
  readonly rune: number;
  readonly bytes: ByteString;
}

interface Word {
  readonly kind: WordKind;
  readonly characters: readonly Character[];
}

/** Characters of a text; invalid bytes at the end repeat the character before them. */
function charactersOf(text: ByteString): Character[] {
  const characters: Character[] = [];
  let from = 0;
  for (let at = 0; at < text.length;) {
    const { rune, size } = decodeRune(text, at);
    at += size;
    if (rune === runeError) continue;
    characters.push({ rune, bytes: text.slice(from, at) });
    from = at;
  }
  const last = characters.at(-1)?.rune ?? runeError;
  return from < text.length ? [...characters, { rune: last, bytes: text.slice(from) }] : characters;
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

function isSmall(rune: number): boolean {
  return isAlphabet(rune) && !isUpper(rune);
}

function isOther(rune: number): boolean {
  return !isConnector(rune) && !isAlphabet(rune) && !isNumber(rune) && !isPunct(rune);
}

function runEnd(characters: readonly Character[], at: number, belongs: (rune: number) => boolean): number {
  let end = at;
  while (end < characters.length && belongs(characters[end]?.rune ?? runeError)) end++;
  return end;
}

/** Cuts off the next word: runs of one kind, where a capital goes with the small letters after it. */
function wordAt(characters: readonly Character[], at: number): Word {
  const first = characters[at]?.rune;
  const take = (kind: WordKind, end: number): Word => ({ kind, characters: characters.slice(at, end) });
  if (first === undefined || first === runeError) return take("invalid", at + 1);
  if (isConnector(first)) return take("connector", runEnd(characters, at, isConnector));
  if (isPunct(first)) return take("punctuation", runEnd(characters, at, isPunct));
  if (isUpper(first)) return take("upper", upperEnd(characters, at));
  if (isAlphabet(first)) return take("letters", runEnd(characters, at, isSmall));
  if (isNumber(first)) return take("number", runEnd(characters, at, isNumber));
  return take("other", runEnd(characters, at + 1, isOther));
}

/** `HTTPStatus` is `HTTP` and `Status`: the last capital of a run belongs to the small letters that follow. */
function upperEnd(characters: readonly Character[], at: number): number {
  const next = characters[at + 1];
  if (next === undefined) return at + 1;
  if (!isUpper(next.rune)) return runEnd(characters, at + 1, isSmall);
  const end = runEnd(characters, at, isUpper);
  return end < characters.length && isAlphabet(characters[end]?.rune ?? runeError) ? end - 1 : end;
}

/** Splits into words and joins them with the connector, the way xstrings 1.5 does for snake and kebab case. */
class LowerCase {
  readonly #characters: readonly Character[];
  readonly #connector: string;
  #at = 0;
  #word: Word = { kind: "invalid", characters: [] };
  #out = "";

  constructor(text: ByteString, connector: string) {
    this.#characters = charactersOf(text);
    this.#connector = connector;
  }

  run(): ByteString {
    this.#advance();
    while (this.#at < this.#characters.length) {
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
    this.#word = wordAt(this.#characters, this.#at);
    this.#at += this.#word.characters.length;
  }

  /** Capitals and connectors are written character by character, everything else as it is. */
  #write({ kind, characters }: Word): void {
    for (const { bytes } of characters) {
      if (kind === "upper" || kind === "connector") this.#out += mapRunes(bytes, this.#lower);
      else this.#out += bytes;
    }
  }

  readonly #lower = (rune: number): number => {
    if (isConnector(rune)) return this.#connector.charCodeAt(0);
    return isUpper(rune) ? toLower(rune) : rune;
  };

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
    if (this.#at >= this.#characters.length) return;
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
  camelcase: defineScan(40, pascalCase),
  snakecase: defineScan(40, (text) => new LowerCase(text, "_").run()),
  kebabcase: defineScan(40, (text) => new LowerCase(text, "-").run()),
};
