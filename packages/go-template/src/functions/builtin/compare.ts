import type { Budget } from "../../limits.ts";
import { sprintf } from "../../format/printf.ts";
import { decodeText } from "../../text/byte-string.ts";
import { kindOf, typeOf } from "../../value/type.ts";
import { GoComplex, GoInt, GoList, GoMap, GoVersion, type Result } from "../../value/value.ts";
import { define, defineVariadic, type FunctionMap } from "../function.ts";

type BasicKind = "bool" | "complex" | "int" | "float" | "string" | "uint";

function basicKind(value: Result): BasicKind | undefined {
  if (typeof value === "string") return "string";
  if (typeof value === "number") return "float";
  if (typeof value === "boolean") return "bool";
  if (value instanceof GoInt) return value.type.startsWith("u") ? "uint" : "int";
  return value instanceof GoComplex ? "complex" : undefined;
}

function incompatible(a: Result, b: Result): Error {
  return new Error(`incompatible types for comparison: ${typeOf(a)} and ${typeOf(b)}`);
}

function isNilValue(value: Result): boolean {
  return (
    value === undefined ||
    value === null ||
    ((value instanceof GoList || value instanceof GoMap) && value.isNil)
  );
}

function equalBasic(a: Result, b: Result): boolean {
  if (a instanceof GoInt && b instanceof GoInt) return a.value === b.value;
  if (a instanceof GoComplex && b instanceof GoComplex) {
    return a.real === b.real && a.imaginary === b.imaginary;
  }
  return a === b;
}

/** Equality of values that are no basic kind: with nil always, with each other only where Go compares the type. */
function equalOther(a: Result, b: Result, budget: Budget): boolean {
  const isNil = a === undefined || a === null || b === undefined || b === null;
  if (!isNil && kindOf(a) !== kindOf(b)) {
    // Go mixes up the order of the second pair, and asks for the values as strings, which shows in them.
    const format = "non-comparable types %s: %s, %s: %v";
    throw new Error(decodeText(sprintf(format, [a, typeOf(a), typeOf(b), b], budget)));
  }
  if (isNilValue(a) || isNilValue(b)) return isNilValue(a) === isNilValue(b);
  if (!(b instanceof GoVersion)) {
    throw new Error(decodeText(sprintf("non-comparable type %s: %s", [b ?? null, typeOf(b)], budget)));
  }
  if (a instanceof GoVersion && !a.isPointer && !b.isPointer) {
    const { version } = b;
    return Object.entries(a.version).every(([name, part]) => version[name as keyof typeof version] === part);
  }
  return a === b;
}

function equal(a: Result, b: Result, budget: Budget): boolean {
  const left = basicKind(a);
  const right = basicKind(b);
  if (left === undefined && right === undefined) return equalOther(a, b, budget);
  if (left === right || (a instanceof GoInt && b instanceof GoInt)) return equalBasic(a, b);
  if (a === undefined || a === null || b === undefined || b === null) return false;
  throw incompatible(a, b);
}

function less(a: Result, b: Result): boolean {
  const left = basicKind(a);
  const right = basicKind(b);
  if (left === undefined || right === undefined) throw new Error("invalid type for comparison");
  if (a instanceof GoInt && b instanceof GoInt) return a.value < b.value;
  if (left !== right) throw incompatible(a, b);
  if (typeof a === "string" && typeof b === "string") return a < b;
  if (typeof a === "number" && typeof b === "number") return a < b;
  throw new Error("invalid type for comparison");
}

const pair = ["reflect.Value", "reflect.Value"] as const;

/** `eq ne lt le gt ge`, with the order of checks that decides which error shows. */
export const comparisons: FunctionMap = {
  eq: defineVariadic(["reflect.Value"], "reflect.Value", ([first], others, { budget }) => {
    if (others.length === 0) throw new Error("missing argument for comparison");
    return others.some((other) => equal(first, other, budget));
  }),
  ne: define(pair, ([a, b], { budget }) => !equal(a, b, budget)),
  lt: define(pair, ([a, b]) => less(a, b)),
  le: define(pair, ([a, b], { budget }) => less(a, b) || equal(a, b, budget)),
  gt: define(pair, ([a, b], { budget }) => !(less(a, b) || equal(a, b, budget))),
  ge: define(pair, ([a, b]) => !less(a, b)),
};
