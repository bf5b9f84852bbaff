import { lookUp, lookUpOptional } from "./cel-access.ts";
import { celCompare, celEquals } from "./cel-equality.ts";
import { joinLists } from "./cel-keyed-list.ts";
import { CelEvaluationError } from "./cel-error.ts";
import { fn, method, type CelCallContext, type CelOverload } from "./cel-overload.ts";
import * as t from "./cel-type.ts";
import type { CelType } from "./cel-type.ts";
import { CelMap, CelOpaque, CelUint, isCelList, type CelValue } from "./cel-value.ts";
import { addTime, negateDuration } from "./time-arithmetic.ts";

const a = t.param("A");
const b = t.param("B");

/** An int result that must fit 64 bits. */
export function checkInt(value: bigint): bigint {
  if (value !== BigInt.asIntN(64, value)) throw new CelEvaluationError("integer overflow");
  return value;
}

/** A uint result that must fit 64 bits. */
export function checkUint(value: bigint): CelUint {
  if (value !== BigInt.asUintN(64, value)) throw new CelEvaluationError("unsigned integer overflow");
  return new CelUint(value);
}

function intOp(name: string, op: (x: bigint, y: bigint) => bigint): CelOverload {
  return fn(name, [t.int, t.int], t.int, ([x, y]) => checkInt(op(x as bigint, y as bigint)));
}

function uintOp(name: string, op: (x: bigint, y: bigint) => bigint): CelOverload {
  return fn(name, [t.uint, t.uint], t.uint, ([x, y]) =>
    checkUint(op((x as CelUint).value, (y as CelUint).value)),
  );
}

function doubleOp(name: string, op: (x: number, y: number) => number): CelOverload {
  return fn(name, [t.double, t.double], t.double, ([x, y]) => op(x as number, y as number));
}

function divisor(failure: string, op: (x: bigint, y: bigint) => bigint): (x: bigint, y: bigint) => bigint {
  return (x, y) => {
    if (y === 0n) throw new CelEvaluationError(failure);
    return op(x, y);
  };
}

function joinText([x, y]: readonly CelValue[], context: CelCallContext): string {
  const joined = `${x as string}${y as string}`;
  context.spend(Math.ceil(joined.length / 10));
  return joined;
}

const divide = divisor("division by zero", (x, y) => x / y);
const modulo = divisor("modulus by zero", (x, y) => x % y);

/** In cel-go's order: where types are not known, the first that fits decides. */
const arithmetic: readonly CelOverload[] = [
  fn("_+_", [t.bytes, t.bytes], t.bytes, ([x, y], context) => {
    const joined = Buffer.concat([x as Uint8Array, y as Uint8Array]);
    context.spend(Math.ceil(joined.length / 10));
    return new Uint8Array(joined);
  }),
  doubleOp("_+_", (x, y) => x + y),
  fn("_+_", [t.duration, t.duration], t.duration, addTime(1n)),
  fn("_+_", [t.duration, t.timestamp], t.timestamp, addTime(1n)),
  fn("_+_", [t.timestamp, t.duration], t.timestamp, addTime(1n)),
  intOp("_+_", (x, y) => x + y),
  fn("_+_", [t.list(a), t.list(a)], t.list(a), ([x, y], context) => {
    const joined = joinLists(x as readonly CelValue[], y as readonly CelValue[]);
    context.spend(joined.length);
    return joined;
  }),
  fn("_+_", [t.string, t.string], t.string, joinText),
  uintOp("_+_", (x, y) => x + y),
  doubleOp("_-_", (x, y) => x - y),
  fn("_-_", [t.duration, t.duration], t.duration, addTime(-1n)),
  intOp("_-_", (x, y) => x - y),
  fn("_-_", [t.timestamp, t.duration], t.timestamp, addTime(-1n)),
  fn("_-_", [t.timestamp, t.timestamp], t.duration, addTime(-1n)),
  uintOp("_-_", (x, y) => x - y),
  doubleOp("_*_", (x, y) => x * y),
  intOp("_*_", (x, y) => x * y),
  uintOp("_*_", (x, y) => x * y),
  doubleOp("_/_", (x, y) => x / y),
  intOp("_/_", divide),
  uintOp("_/_", divide),
  intOp("_%_", modulo),
  uintOp("_%_", modulo),
  fn("-_", [t.double], t.double, ([x]) => -(x as number)),
  fn("-_", [t.int], t.int, ([x]) => checkInt(-(x as bigint))),
  { ...fn("-_", [t.duration], t.duration, negateDuration), dynamic: true },
  fn("!_", [t.bool], t.bool, ([x]) => x !== true),
];

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  "_<_": (order) => order < 0,
  "_<=_": (order) => order <= 0,
  "_>_": (order) => order > 0,
  "_>=_": (order) => order >= 0,
};
const ordered: readonly CelType[] = [
  t.bool,
  t.int,
  t.uint,
  t.double,
  t.string,
  t.bytes,
  t.timestamp,
  t.duration,
];
const mixed: readonly (readonly [CelType, CelType])[] = [
  [t.int, t.double],
  [t.int, t.uint],
  [t.uint, t.double],
  [t.uint, t.int],
  [t.double, t.int],
  [t.double, t.uint],
];

function ordering(types: readonly (readonly [CelType, CelType])[]): CelOverload[] {
  return Object.entries(comparisons).flatMap(([name, test]) =>
    types.map((pair) => fn(name, pair, t.bool, ([x, y]) => test(celCompare(x!, y!)!))),
  );
}

/** Order between the three number types, which expressions in Kubernetes' own objects may use. */
export const mixedOrdering: readonly CelOverload[] = ordering(mixed);

/** An ordered value is not in any order with a double that is no number. */
const unordered: readonly CelOverload[] = Object.keys(comparisons).flatMap((name) =>
  ordered.map((type) => ({
    ...fn(name, [type, t.dyn], t.bool, (pair) => {
      if (pair.some((value) => Number.isNaN(value))) return false;
      throw new CelEvaluationError("no such overload");
    }),
    dynamic: true,
  })),
);

/** `x in container`. */
function contains([x, container]: readonly CelValue[], context: CelCallContext): boolean {
  if (container instanceof CelMap) return container.has(x!);
  const items = container as readonly CelValue[];
  context.spend(items.length);
  return items.some((item) => celEquals(item, x!));
}

/** Number of code points, bytes, elements or entries. */
function size([x]: readonly CelValue[], context: CelCallContext): bigint {
  if (typeof x === "string") {
    context.spend(Math.ceil(x.length / 10));
    return BigInt(Array.from(x).length);
  }
  if (x instanceof CelMap) return BigInt(x.size);
  return BigInt((x as readonly CelValue[] | Uint8Array).length);
}

function equality(wanted: boolean): CelOverload["call"] {
  return ([x, y], context) => {
    context.spend(weight(x!));
    // A value of a library compares with its own kind only; for `!=` that is difference enough.
    const isAlone = x instanceof CelOpaque && y !== null && !(y instanceof CelOpaque && y.type === x.type);
    if (wanted && isAlone) throw new CelEvaluationError("no such overload");
    return celEquals(x!, y!) === wanted;
  };
}

/** A rough size of a value, as the cost of comparing it. */
function weight(value: CelValue): number {
  if (typeof value === "string") return Math.ceil(value.length / 10);
  if (isCelList(value)) return value.length;
  return value instanceof CelMap ? value.size : 1;
}

/** Operators, equality, order, membership, index and size of the standard library. */
export const operators: readonly CelOverload[] = [
  ...arithmetic,
  ...ordering(ordered.map((type) => [type, type])),
  ...mixedOrdering.map((overload) => ({ ...overload, dynamic: true })),
  ...unordered,
  fn("_==_", [a, a], t.bool, equality(true)),
  fn("_!=_", [a, a], t.bool, equality(false)),
  fn("@in", [a, t.list(a)], t.bool, contains),
  fn("@in", [a, t.map(a, b)], t.bool, contains),
  fn("_[_]", [t.list(a), t.int], a, ([x, index]) => lookUp(x!, index!)),
  fn("_[_]", [t.map(a, b), a], b, ([x, index]) => lookUp(x!, index!)),
  fn("_?_:_", [t.bool, a, a], a, ([condition, yes, no]) => (condition === true ? yes! : no!)),
  ...[t.bytes, t.list(a), t.map(a, b), t.string].flatMap((type) => [
    fn("size", [type], t.int, size),
    method("size", [type], t.int, size),
  ]),
];

/** `a[?b]` of the optional syntax. */
export const optionalIndex: readonly CelOverload[] = [
  fn("_[?_]", [t.list(a), t.int], t.optional(a), ([x, index]) => lookUpOptional(x!, index!)),
  fn("_[?_]", [t.map(a, b), a], t.optional(b), ([x, index]) => lookUpOptional(x!, index!)),
];
