import { double, int, string, bytes, uint, type CelType } from "./cel-type.ts";
import { CelUint, type CelValue } from "./cel-value.ts";
import { EscapeError, readEscapes } from "./cel-escapes.ts";

/** A token; `offset` counts code points. */
export interface CelToken {
  readonly kind: "literal" | "ident" | "escaped" | "symbol" | "end" | "bad";
  /** Name, symbol, or for `bad` the complaint. */
  readonly text: string;
  /** Why a literal of the right form means nothing. */
  readonly problem?: string;
  readonly value?: CelValue;
  readonly type?: CelType;
  readonly offset: number;
}

const symbols = [
  "&&",
  "||",
  "==",
  "!=",
  "<=",
  ">=",
  "<",
  ">",
  "+",
  "-",
  "*",
  "/",
  "%",
  "!",
  "?",
  ":",
  ".",
  ",",
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
];
const blank = /[ \t\r\n\f]+|\/\/[^\n]*/y;
const number = /0x[0-9a-fA-F]+[uU]?|[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|[0-9]+[uU]?/y;
const identifier = /[A-Za-z_][A-Za-z0-9_]*/y;
const escapedIdentifier = /`[A-Za-z0-9_.\-/ ]+`/y;
const stringStart = /([bB]?[rR]?)("""|'''|"|')/y;

/** Splits an expression into tokens; stops at the first character that begins none. */
export function tokenizeCel(source: string): CelToken[] {
  const tokens: CelToken[] = [];
  let position = 0;
  let offset = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    return pattern.exec(source);
  };
  const advance = (length: number): void => {
    // Offsets count code points, positions UTF-16 units.
    offset += Array.from(source.slice(position, position + length)).length;
    position += length;
  };
  for (;;) {
    for (let space = match(blank); space !== null; space = match(blank)) advance(space[0].length);
    if (position >= source.length) break;
    const [length, token] = nextToken(source, position, match);
    tokens.push({ ...token, offset });
    if (token.kind === "bad") return tokens;
    advance(length);
  }
  tokens.push({ kind: "end", text: "<EOF>", offset });
  return tokens;
}

type Unplaced = Omit<CelToken, "offset">;

function nextToken(
  source: string,
  position: number,
  match: (pattern: RegExp) => RegExpExecArray | null,
): [length: number, token: Unplaced] {
  const quote = match(stringStart);
  if (quote !== null) return stringToken(source, position, quote);
  const digits = match(number)?.[0];
  if (digits !== undefined) return [digits.length, numberToken(digits)];
  const name = match(identifier)?.[0];
  if (name !== undefined) return [name.length, { kind: "ident", text: name }];
  const escaped = match(escapedIdentifier)?.[0];
  if (escaped !== undefined) return [escaped.length, { kind: "escaped", text: escaped.slice(1, -1) }];
  const symbol = symbols.find((text) => source.startsWith(text, position));
  if (symbol !== undefined) return [symbol.length, { kind: "symbol", text: symbol }];
  return [1, bad(`Syntax error: token recognition error at: '${source.slice(position, position + 2)}'`)];
}

function numberToken(text: string): Unplaced {
  if (/[uU]$/.test(text)) {
    const value = BigInt(text.slice(0, -1));
    const problem = value === BigInt.asUintN(64, value) ? {} : { problem: "invalid uint literal" };
    return { kind: "literal", text, value: new CelUint(value), type: uint, ...problem };
  }
  // Whether an integer fits is known only with its sign.
  if (/^(?:0x[0-9a-fA-F]+|[0-9]+)$/.test(text))
    return { kind: "literal", text, value: BigInt(text), type: int };
  const value = Number(text);
  const problem = Number.isFinite(value) ? {} : { problem: "invalid double literal" };
  return { kind: "literal", text, value, type: double, ...problem };
}

function stringToken(source: string, position: number, quote: RegExpExecArray): [number, Unplaced] {
  const [opening, prefix, mark] = quote as unknown as [string, string, string];
  const raw = /r/i.test(prefix);
  let end = position + opening.length;
  for (; !source.startsWith(mark, end); end++) {
    const char = source[end];
    if (char === undefined || (mark.length === 1 && (char === "\n" || char === "\r"))) {
      return [1, bad(`Syntax error: token recognition error at: '${source.slice(position)}'`)];
    }
    if (char === "\\" && !raw) end++;
  }
  const body = source.slice(position + opening.length, end);
  const isBytes = /b/i.test(prefix);
  const length = end + mark.length - position;
  const literal = { kind: "literal", text: mark, type: isBytes ? bytes : string } as const;
  try {
    const value = readEscapes(body, { raw, bytes: isBytes });
    if (value !== undefined) return [length, { ...literal, value }];
  } catch (error) {
    if (error instanceof EscapeError) return [length, { ...literal, value: "", problem: error.message }];
    throw error;
  }
  return [1, bad(`Syntax error: token recognition error at: '${source.slice(position, position + 3)}'`)];
}

function bad(text: string): Unplaced {
  return { kind: "bad", text };
}
