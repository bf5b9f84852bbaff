import { SchemaError } from "./errors.ts";
import { maxPart } from "./semver-version.ts";

/** A token of a version range; `column` counts from one, the end has the column of the last character. */
export interface RangeToken {
  readonly kind: "number" | "wildcard" | "dot" | "hyphen" | "space" | "operator" | "and" | "or" | "end";
  readonly column: number;
  /** Operator text: `=`, `!=`, `>`, `>=`, `<`, `<=`, `~`, `^`. */
  readonly operator?: RangeOperator;
  readonly value?: bigint;
}

/** Operators that stand before a version. */
export type RangeOperator = "=" | "!=" | ">" | ">=" | "<" | "<=" | "~" | "^";

const token = / +|[1-9][0-9]*|0(?![0-9])|!=|>=?|<=?|=|~|\^|\.|-|[xX*]|\|\||&&|,/y;
const kinds: Readonly<Record<string, RangeToken["kind"]>> = {
  ".": "dot",
  "-": "hyphen",
  "||": "or",
  "&&": "and",
  ",": "and",
  x: "wildcard",
  X: "wildcard",
  "*": "wildcard",
};

/**
 * Splits a range into tokens, one after another, so that an earlier mistake is found first.
 *
 * @throws SchemaError `invalid-constraint` naming the column and, as upstream does, the character
 * after the unexpected one.
 */
export function* scanRange(text: string): Generator<RangeToken> {
  let column = 1;
  for (let index = 0; index < text.length;) {
    token.lastIndex = index;
    const found = token.exec(text)?.[0];
    if (found === undefined) throw unexpected(text, index, column);
    yield classify(found, column);
    index += found.length;
    column += found.length;
  }
  yield { kind: "end", column: Math.max(0, column - 1) };
}

function classify(found: string, column: number): RangeToken {
  if (found.startsWith(" ")) return { kind: "space", column };
  if (/^[0-9]/.test(found)) {
    const value = BigInt(found);
    if (value > maxPart) {
      const message = `strconv.ParseUint: parsing "${found}": value out of range`;
      throw new SchemaError("invalid-constraint", message);
    }
    return { kind: "number", column, value };
  }
  const kind = kinds[found];
  return kind === undefined
    ? { kind: "operator", column, operator: found as RangeOperator }
    : { kind, column };
}

function unexpected(text: string, index: number, column: number): SchemaError {
  const rest = Array.from(text.slice(index));
  const next = rest[1];
  if (next === undefined) {
    return new SchemaError("invalid-constraint", `col ${column}: unexpected character U+FFFFFFFFFFFFFFFF`);
  }
  if (rest[0] === "\n")
    return new SchemaError("invalid-constraint", `col ${column}: illegal character NEWLINE`);
  const code = next.codePointAt(0)!;
  const hex = code.toString(16).toUpperCase().padStart(4, "0");
  const shown = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(next) ? ` '${next}'` : "";
  return new SchemaError("invalid-constraint", `col ${column + 1}: unexpected character U+${hex}${shown}`);
}
