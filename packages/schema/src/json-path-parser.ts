import { SchemaError } from "./errors.ts";
import { isPrintable } from "./go-quote.ts";
import { unquote } from "./json-path-quote.ts";

/** One end of a slice: given, left open, or derived from a single index. */
interface SliceEnd {
  readonly value: number;
  readonly known: boolean;
  readonly derived: boolean;
}

/** A step of a kubectl JSONPath; a path is a list of steps. */
export type JsonPathStep =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "wildcard" }
  | { readonly kind: "recursive" }
  | {
      readonly kind: "slice";
      readonly from: SliceEnd;
      readonly to: SliceEnd;
      readonly step: number | undefined;
    }
  | { readonly kind: "union"; readonly paths: readonly (readonly JsonPathStep[])[] }
  | {
      readonly kind: "literal";
      readonly value: string | number | boolean;
      /** Whether a number is a float64 although it may be whole, as in `2.0`. */
      readonly isFloat?: boolean;
    }
  | { readonly kind: "identifier"; readonly name: string }
  | JsonPathFilter;

/** `[?(left operator right)]`; `exists` has no right side. */
export interface JsonPathFilter {
  readonly kind: "filter";
  readonly left: readonly JsonPathStep[];
  readonly operator: string;
  readonly right: readonly JsonPathStep[];
}

const terminators = " \t\r\n.,[]$@{}";

/**
 * Parses what stands between the braces of a kubectl JSONPath.
 *
 * @throws SchemaError `invalid-json-path` with the text of `k8s.io/client-go/util/jsonpath`.
 */
export function parseJsonPath(text: string): JsonPathStep[] {
  return new JsonPathParser(text).parse();
}

class JsonPathParser {
  readonly #text: string;
  readonly #steps: JsonPathStep[] = [];
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): JsonPathStep[] {
    while (this.#position < this.#text.length) this.#step();
    return this.#steps;
  }

  #startsWith(prefix: string): boolean {
    return this.#text.startsWith(prefix, this.#position);
  }

  #step(): void {
    if (this.#startsWith("[?(")) return this.#filter();
    if (this.#startsWith("..")) return this.#recursive();
    const char = String.fromCodePoint(this.#text.codePointAt(this.#position)!);
    if (char === "\n" || char === "\r") throw fail("unclosed action");
    if (char === " " || char === "@" || char === "$") {
      this.#position++;
      return undefined;
    }
    if (char === "[") return this.#array();
    if (char === '"' || char === "'") return this.#quoted(char);
    if (char === ".") {
      this.#position++;
      return this.#field();
    }
    if (/^[+\-\p{Nd}]$/u.test(char)) return this.#number();
    if (/^[_\p{L}\p{Nd}]$/u.test(char)) return this.#identifier();
    const code = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
    const shown = isPrintable(char) ? ` '${char}'` : "";
    throw fail(`unrecognized character in action: U+${code}${shown}`);
  }

  #recursive(): void {
    if (this.#steps.at(-1)?.kind === "recursive") throw fail("invalid multiple recursive descent");
    this.#position += 2;
    this.#steps.push({ kind: "recursive" });
    if (/^[_\p{L}\p{Nd}]/u.test(this.#text.slice(this.#position))) this.#field();
  }

  /** A field's name ends at a terminator that no backslash stands before; at the end that is the closing brace. */
  #field(): void {
    const start = this.#position;
    while (this.#position < this.#text.length && !terminators.includes(this.#text[this.#position]!)) {
      this.#position += this.#text[this.#position] === "\\" ? 2 : 1;
    }
    if (this.#position > this.#text.length) throw fail("unclosed action");
    const written = this.#text.slice(start, this.#position);
    const name = written.replaceAll("\\", "");
    this.#steps.push(written === "*" ? { kind: "wildcard" } : { kind: "field", name });
  }

  #identifier(): void {
    const start = this.#position;
    while (this.#position < this.#text.length && !terminators.includes(this.#text[this.#position]!))
      this.#position++;
    const name = this.#text.slice(start, this.#position);
    const isBool = name === "true" || name === "false";
    this.#steps.push(isBool ? { kind: "literal", value: name === "true" } : { kind: "identifier", name });
  }

  #number(): void {
    const [text] = /^[+-]?[\p{Nd}.]*/u.exec(this.#text.slice(this.#position))!;
    this.#position += text.length;
    if (!/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/.test(text)) throw fail(`cannot parse number ${text}`);
    const isInteger = !text.includes(".") && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
    this.#steps.push({ kind: "literal", value: Number(text), isFloat: !isInteger });
  }

  #quoted(quote: string): void {
    const start = this.#position;
    let end = start + 1;
    while (end < this.#text.length && (this.#text[end] !== quote || this.#text[end - 1] === "\\")) {
      if (this.#text[end] === "\n") break;
      end++;
    }
    if (this.#text[end] !== quote) throw fail("unterminated quoted string");
    this.#position = end + 1;
    const text = this.#text.slice(start, this.#position);
    const value = unquote(text);
    if (value === undefined) throw fail(`unquote string ${text} error invalid syntax`);
    this.#steps.push({ kind: "literal", value });
  }

  #array(): void {
    const end = this.#text.indexOf("]", this.#position);
    const text = this.#text.slice(this.#position + 1, end);
    if (end < 0 || text.includes("\n")) throw fail("unterminated array");
    this.#position = end + 1;
    const parts = text.split(",");
    if (parts.length > 1) {
      this.#steps.push({
        kind: "union",
        paths: parts.map((part) => parseJsonPath(`[${part.replaceAll(/^ +| +$/g, "")}]`)),
      });
      return;
    }
    const key = /^'([^']*)'$/.exec(text)?.[1];
    if (key === undefined) this.#steps.push(parseSlice(text === "*" ? ":" : text));
    else this.#steps.push(...parseJsonPath(`.${key}`));
  }

  #filter(): void {
    this.#position += 3;
    const start = this.#position;
    let quote: string | undefined;
    let closed = false;
    for (; ; this.#position++) {
      const char = this.#text[this.#position];
      if (char === undefined || char === "\n") throw fail("unterminated filter");
      if (char === '"' || char === "'") {
        if (quote === undefined) quote = char;
        else if (char === quote && this.#text[this.#position - 1] !== "\\") closed = true;
      } else if (char === ")" && (quote === undefined || closed)) break;
    }
    const text = this.#text.slice(start, this.#position);
    if (this.#text[this.#position + 1] !== "]") throw fail("unclosed array expect ]");
    this.#position += 2;
    const comparison = /^([^!<>=]+)([!<>=]+)(.+?)$/.exec(text);
    if (comparison === null) {
      this.#steps.push({ kind: "filter", left: parseJsonPath(text), operator: "exists", right: [] });
    } else {
      const [, left = "", operator = "", right = ""] = comparison;
      this.#steps.push({ kind: "filter", left: parseJsonPath(left), operator, right: parseJsonPath(right) });
    }
  }
}

function parseSlice(text: string): JsonPathStep {
  const match = /^(-?\d*)(?::(-?\d*))?(?::(-?\d*))?$/.exec(text);
  if (match === null) throw fail(`invalid array index ${text}`);
  const [, first, second, third] = match;
  const from = sliceEnd(first);
  // A single index is a slice of one.
  const to = second === undefined ? { value: from.value + 1, known: true, derived: true } : sliceEnd(second);
  const step = third === undefined || third === "" ? undefined : sliceEnd(third).value;
  return { kind: "slice", from, to, step };
}

function sliceEnd(text: string | undefined): SliceEnd {
  if (text === undefined || text === "") return { value: 0, known: false, derived: false };
  if (text === "-" || !Number.isSafeInteger(Number(text))) throw fail(`array index ${text} is not a number`);
  return { value: Number(text), known: true, derived: false };
}

function fail(message: string): SchemaError {
  return new SchemaError("invalid-json-path", message);
}
