import { YamlError } from "./errors.ts";
import { integerFromText, type JsonObject, type JsonValue, setKey } from "./json-value.ts";

/**
 * Digits a double may lose, escaped surrogates, which Go replaces when they stand alone, and nesting for which the host's
 * parser takes 70 bytes of memory a bracket.
 */
const needsCare = /\d{16}|\\u[dD][89a-fA-F]|\[{1000}/;

/** Go's encoding/json refuses deeper values too; ours is lower to protect the stack. */
const maxDepth = 2000;

/**
 * Reads JSON without loss: integers beyond a double's reach become bigint. Duplicate keys: the last wins.
 * Throws YamlError `json` with the text Go's encoding/json gives.
 */
export function parseJson(text: string): JsonValue {
  if (!needsCare.test(text)) {
    try {
      return JSON.parse(text) as JsonValue;
    } catch {
      // The reader below finds the same fault again and words it as Go does.
    }
  }
  return new JsonReader(text).document();
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
// Without the closing quote: an expression that could fail behind a repeated run would try every way to cut the run.
// oxlint-disable-next-line no-control-regex -- JSON forbids raw control characters in strings
const stringStart = /"(?:[^"\\\u0000-\u001f]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

class JsonReader {
  readonly #text: string;
  #position = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonValue {
    const value = this.#value();
    this.#skipBlanks();
    if (this.#position < this.#text.length) this.#fail("after top-level value");
    return value;
  }

  #value(): JsonValue {
    this.#skipBlanks();
    const character = this.#text[this.#position];
    if (character === "{") return this.#nested(() => this.#object());
    if (character === "[") return this.#nested(() => this.#array());
    if (character === '"') return this.#string();
    if (character === "t") return this.#literal("true", true);
    if (character === "f") return this.#literal("false", false);
    if (character === "n") return this.#literal("null", null);
    if (character !== undefined && /[-0-9]/.test(character)) return this.#number();
    return this.#fail("looking for beginning of value");
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > maxDepth) throw new YamlError("limit", "exceeded max depth", this.#place());
    this.#position++;
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): JsonObject {
    const object: JsonObject = {};
    this.#skipBlanks();
    if (this.#take("}")) return object;
    for (;;) {
      this.#skipBlanks();
      if (this.#text[this.#position] !== '"') this.#fail("looking for beginning of object key string");
      const key = this.#string();
      this.#skipBlanks();
      if (!this.#take(":")) this.#fail("after object key");
      setKey(object, key, this.#value());
      this.#skipBlanks();
      if (this.#take("}")) return object;
      if (!this.#take(",")) this.#fail("after object key:value pair");
    }
  }

  #array(): JsonValue[] {
    const list: JsonValue[] = [];
    this.#skipBlanks();
    if (this.#take("]")) return list;
    for (;;) {
      list.push(this.#value());
      this.#skipBlanks();
      if (this.#take("]")) return list;
      if (!this.#take(",")) this.#fail("after array element");
    }
  }

  #string(): string {
    stringStart.lastIndex = this.#position;
    const start = stringStart.exec(this.#text)?.[0] ?? "";
    this.#position += start.length;
    if (!this.#take('"')) return this.#failInString();
    return (JSON.parse(`${start}"`) as string).replace(loneSurrogate, "\ufffd");
  }

  #number(): number | bigint {
    number.lastIndex = this.#position;
    const text = number.exec(this.#text)?.[0];
    if (text === undefined) {
      this.#position++;
      return this.#fail("in numeric literal");
    }
    this.#position += text.length;
    const next = this.#text[this.#position] ?? " ";
    if (next === ".") this.#failAfter(1, "after decimal point in numeric literal");
    if (/[eE]/.test(next)) this.#failAfter(1, "in exponent of numeric literal");
    if (/^-?\d+$/.test(text) && text !== "-0") return integerFromText(text);
    return Number(text);
  }

  #literal<T>(word: string, value: T): T {
    for (const expected of word) {
      if (!this.#take(expected)) this.#fail(`in literal ${word} (expecting '${expected}')`);
    }
    return value;
  }

  #skipBlanks(): void {
    while (" \t\r\n".includes(this.#text[this.#position] ?? "x")) this.#position++;
  }

  #take(character: string): boolean {
    if (this.#text[this.#position] !== character) return false;
    this.#position++;
    return true;
  }

  #failAfter(count: number, context: string): never {
    this.#position += count;
    return this.#fail(context);
  }

  #failInString(): never {
    if (this.#text[this.#position] !== "\\") this.#fail("in string literal");
    if (this.#text[this.#position + 1] !== "u") this.#failAfter(1, "in string escape code");
    const digits = /[0-9a-fA-F]*/y;
    digits.lastIndex = this.#position + 2;
    digits.exec(this.#text);
    this.#position = digits.lastIndex;
    return this.#fail("in \\u hexadecimal character escape");
  }

  #fail(context: string): never {
    const code = this.#text.codePointAt(this.#position);
    if (code === undefined) throw new YamlError("json", "unexpected end of JSON input", this.#place());
    const character = String.fromCodePoint(code);
    const shown = character === "'" ? "'\\''" : character === '"' ? "'\"'" : quoteCharacter(character);
    throw new YamlError("json", `invalid character ${shown} ${context}`, this.#place());
  }

  #place(): { line: number; column: number } {
    const before = this.#text.slice(0, this.#position);
    return { line: before.split("\n").length, column: this.#position - before.lastIndexOf("\n") };
  }
}

/** Go's strconv.Quote of one character, in single quotes. */
function quoteCharacter(character: string): string {
  const quoted = JSON.stringify(character).slice(1, -1);
  return `'${quoted.replace(/^\\u00/, "\\x")}'`;
}
