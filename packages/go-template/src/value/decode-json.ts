import { type Budget, limitError, maxDepth } from "../limits.ts";
import { type ByteString, decodeRune, encodeRune, encodeText } from "../text/byte-string.ts";
import { quote } from "../text/quote.ts";
import { grownList, list, map, type Value } from "./value.ts";

/** Contexts in which a blank is a mistake. */
const noBlank = /^in literal|numeric literal$|escape/;
const unexpectedEnd = "unexpected end of JSON input";

/** A byte as Go's messages show it: taken for a character of Latin-1. */
function showByte(code: number): string {
  if (code === 39) return `'\\''`;
  if (code === 34) return `'"'`;
  return `'${quote(encodeRune(code)).slice(1, -1)}'`;
}

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Reads JSON with the messages of Go's encoding/json, which templates can show. */
class Decoder {
  readonly #text: ByteString;
  readonly #budget: Budget;
  #at = 0;
  /** A number too large for a float64; Go reports it only when the rest is well formed. */
  #rangeError: Error | undefined;

  constructor(text: ByteString, budget: Budget) {
    this.#text = text;
    this.#budget = budget;
  }

  document(): Value {
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) this.#fail("after top-level value");
    if (this.#rangeError !== undefined) throw this.#rangeError;
    return value;
  }

  #fail(context: string): never {
    // At the end Go tries a blank, and complains about that where none may stand.
    const atEnd = this.#at >= this.#text.length;
    if (atEnd && !noBlank.test(context)) throw new Error(unexpectedEnd);
    const shown = showByte(atEnd ? 32 : this.#text.charCodeAt(this.#at));
    throw new Error(`invalid character ${Buffer.from(shown, "latin1").toString("utf8")} ${context}`);
  }

  #space(): void {
    while (" \t\r\n".includes(this.#text[this.#at] ?? "x")) this.#at++;
  }

  #value(depth: number): Value {
    if (depth > maxDepth) throw limitError("JSON is nested too deeply");
    this.#budget.spend(32);
    this.#space();
    const first = this.#text[this.#at] ?? "";
    if (first === "{") return this.#object(depth);
    if (first === "[") return this.#array(depth);
    if (first === '"') return this.#string();
    if (first === "-" || (first >= "0" && first <= "9")) return this.#number();
    if (first === "t") return this.#literal("true", true);
    if (first === "f") return this.#literal("false", false);
    if (first === "n") return this.#literal("null", null);
    return this.#fail("looking for beginning of value");
  }

  #literal(word: string, value: Value): Value {
    for (const letter of word) {
      if (this.#text[this.#at] !== letter) this.#fail(`in literal ${word} (expecting '${letter}')`);
      this.#at++;
    }
    return value;
  }

  #object(depth: number): Value {
    const entries = new Map<ByteString, Value>();
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === "}") {
      this.#at++;
      return map(entries);
    }
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#fail("looking for beginning of object key string");
      const key = this.#string();
      this.#space();
      if (this.#text[this.#at] !== ":") this.#fail("after object key");
      this.#at++;
      entries.set(key, this.#value(depth + 1));
      this.#space();
      const next = this.#text[this.#at];
      if (next !== "," && next !== "}") this.#fail("after object key:value pair");
      this.#at++;
      if (next === "}") return map(entries);
    }
  }

  #array(depth: number): Value {
    const items: Value[] = [];
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === "]") {
      this.#at++;
      return list(items);
    }
    for (;;) {
      items.push(this.#value(depth + 1));
      this.#space();
      const next = this.#text[this.#at];
      if (next !== "," && next !== "]") this.#fail("after array element");
      this.#at++;
      if (next === "]") return grownList("interface {}", items);
    }
  }

  #digits(): number {
    const from = this.#at;
    while (/[0-9]/.test(this.#text[this.#at] ?? "")) this.#at++;
    return this.#at - from;
  }

  #number(): Value {
    const from = this.#at;
    if (this.#text[this.#at] === "-") this.#at++;
    if (this.#text[this.#at] === "0") this.#at++;
    else if (this.#digits() === 0) this.#fail("in numeric literal");
    if (this.#text[this.#at] === ".") {
      this.#at++;
      if (this.#digits() === 0) this.#fail("after decimal point in numeric literal");
    }
    if (/[eE]/.test(this.#text[this.#at] ?? "")) {
      this.#at++;
      if (/[+-]/.test(this.#text[this.#at] ?? "")) this.#at++;
      if (this.#digits() === 0) this.#fail("in exponent of numeric literal");
    }
    const literal = this.#text.slice(from, this.#at);
    const value = Number(literal);
    if (Number.isFinite(value)) return value;
    this.#rangeError ??= new Error(`json: cannot unmarshal number ${literal} into Go value of type float64`);
    return null;
  }

  #string(): ByteString {
    let out = "";
    this.#at++;
    for (;;) {
      const unit = this.#text[this.#at];
      if (unit === undefined) throw new Error(unexpectedEnd);
      if (unit < " ") this.#fail("in string literal");
      if (unit === '"') {
        this.#at++;
        return out;
      }
      if (unit === "\\") {
        out += this.#escape();
      } else if (unit < "\x80") {
        out += unit;
        this.#at++;
      } else {
        const { rune, size } = decodeRune(this.#text, this.#at);
        out += encodeRune(rune);
        this.#at += size;
      }
    }
  }

  #escape(): ByteString {
    this.#at++;
    const letter = this.#text[this.#at] ?? "";
    const simple = escapes[letter];
    if (simple !== undefined) {
      this.#at++;
      return simple;
    }
    if (letter !== "u") this.#fail("in string escape code");
    this.#at++;
    const unit = this.#hex();
    if (unit < 0xd800 || unit > 0xdfff) return encodeRune(unit);
    // A lone half of a pair becomes U+FFFD; what follows it is read on its own.
    const low = /^\\u(d[c-f][0-9a-f]{2})/i.exec(this.#text.slice(this.#at, this.#at + 6));
    if (unit > 0xdbff || low === null) return encodeRune(unit);
    this.#at += 6;
    return encodeText(String.fromCharCode(unit, Number.parseInt(low[1] ?? "", 16)));
  }

  #hex(): number {
    const from = this.#at;
    for (let i = 0; i < 4; i++) {
      if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? "")) this.#fail("in \\u hexadecimal character escape");
      this.#at++;
    }
    return Number.parseInt(this.#text.slice(from, this.#at), 16);
  }
}

/** Reads a JSON text into a value as Go decodes into `any`. Throws with Go's message. */
export function decodeJson(text: ByteString, budget: Budget): Value {
  return new Decoder(text, budget).document();
}
