import type { ByteString } from "../text/byte-string.ts";
import { parseFloat64, parseInt64, parseUint64 } from "../text/number.ts";
import { quote, unquoteCharacter } from "../text/quote.ts";
import type { NumberNode } from "./node.ts";
import type { Token } from "./lexer.ts";

type Constant = Omit<NumberNode, "kind" | "pos" | "literal">;

function integerOf(value: number, signed: boolean): bigint | undefined {
  if (!Number.isInteger(value)) return undefined;
  const exact = BigInt(value);
  const wrapped = signed ? BigInt.asIntN(64, exact) : BigInt.asUintN(64, exact);
  return wrapped === exact ? exact : undefined;
}

function complexConstant(real: number, imaginary: number): Constant {
  const isReal = imaginary === 0;
  return {
    int: isReal ? integerOf(real, true) : undefined,
    uint: isReal ? integerOf(real, false) : undefined,
    float: isReal ? real : undefined,
    complex: { real, imaginary },
  };
}

function characterConstant(literal: ByteString): Constant {
  const inside = literal.slice(1);
  const character = unquoteCharacter(inside, 0, "'");
  if (character === undefined) throw new Error("invalid syntax");
  if (inside.slice(character.next) !== "'") throw new Error(`malformed character constant: ${literal}`);
  const value = BigInt(character.rune);
  return { int: value, uint: value, float: character.rune, complex: undefined };
}

/** `1+2i`: Go reads both parts with its scanner, which wants digits in the imaginary part. */
function complexPair(literal: ByteString): Constant {
  const split = /^(.+?(?<![eEpP]))([+-].*)i$/.exec(literal);
  const real = parseFloat64(split?.[1] ?? "");
  const imaginary = parseFloat64(split?.[2] ?? "");
  if (real === undefined || imaginary === undefined) throw new Error("syntax error scanning complex number");
  return complexConstant(real, imaginary);
}

function realConstant(literal: ByteString): Constant {
  const uint = parseUint64(literal);
  const int = parseInt64(literal);
  if (int !== undefined || uint !== undefined) {
    const nonNegative = uint ?? (int === 0n ? 0n : undefined);
    return { int, uint: nonNegative, float: Number(int ?? uint), complex: undefined };
  }
  const float = parseFloat64(literal);
  if (float === undefined) throw new Error(`illegal number syntax: ${quote(literal)}`);
  if (!/[.eEpP]/.test(literal)) throw new Error(`integer overflow: ${quote(literal)}`);
  return { int: integerOf(float, true), uint: integerOf(float, false), float, complex: undefined };
}

/** Reads a number or character literal. Throws an Error with Go's message for one that is malformed. */
export function parseConstant(token: Token): NumberNode {
  const literal = token.text;
  let constant: Constant;
  if (token.kind === "char constant") constant = characterConstant(literal);
  else if (token.kind === "complex") constant = complexPair(literal);
  else {
    const imaginary = literal.endsWith("i") ? parseFloat64(literal.slice(0, -1)) : undefined;
    constant = imaginary === undefined ? realConstant(literal) : complexConstant(0, imaginary);
  }
  return { kind: "number", pos: token.pos, literal, ...constant };
}
