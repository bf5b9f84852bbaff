import { CelEvaluationError } from "./cel-error.ts";
import { celCompare, celEquals } from "./cel-equality.ts";
import { fits } from "./cel-dispatch.ts";
import { operators } from "./library-operators.ts";
import { method, type CelCallContext, type CelImplementation, type CelOverload } from "./cel-overload.ts";
import * as t from "./cel-type.ts";
import type { CelType } from "./cel-type.ts";
import { CelDuration, CelUint, type CelValue } from "./cel-value.ts";

const a = t.param("A");
const comparable: readonly CelType[] = [
  t.int,
  t.uint,
  t.double,
  t.bool,
  t.duration,
  t.timestamp,
  t.string,
  t.bytes,
];
const additions = operators.filter(({ name }) => name === "_+_");

function elements([list]: readonly CelValue[], context: CelCallContext): readonly CelValue[] {
  const items = list as readonly CelValue[];
  context.spend(items.length);
  return items;
}

/** Elements that have an order; that two of them can be compared is not asked for. */
function ordered(args: readonly CelValue[], context: CelCallContext): readonly CelValue[] {
  const items = elements(args, context);
  if (items.some((item) => celCompare(item, item) === undefined)) {
    throw new CelEvaluationError("no such overload");
  }
  return items;
}

const isSorted: CelImplementation = (args, context) => {
  const items = ordered(args, context);
  return items.every((item, index) => index === 0 || !((celCompare(items[index - 1]!, item) ?? 0) > 0));
};

function extreme(name: string, better: (order: number) => boolean): CelImplementation {
  return (args, context) => {
    const items = ordered(args, context);
    if (items.length === 0) throw new CelEvaluationError(`${name} called on empty list`);
    return items.reduce((best, item) => (better(celCompare(item, best) ?? 0) ? item : best));
  };
}

function sum(zero: CelValue): CelImplementation {
  return (args, context) => {
    const items = elements(args, context);
    if (items.length === 0) return zero;
    return items.reduce((total, item) => {
      const addition = additions.find(({ args: [x, y] }) => fits(x!, total) && fits(y!, item));
      if (addition === undefined) throw new CelEvaluationError("no such overload");
      return addition.call([total, item], context);
    });
  };
}

function indexOf(
  find: (items: readonly CelValue[], test: (item: CelValue) => boolean) => number,
): CelImplementation {
  return (args, context) => BigInt(find(elements(args, context), (item) => celEquals(item, args[1]!)));
}

const zeros: readonly [CelType, CelValue][] = [
  [t.int, 0n],
  [t.uint, new CelUint(0n)],
  [t.double, 0],
  [t.duration, new CelDuration(0n)],
];

/** Kubernetes' list library. */
export const listsLibrary: readonly CelOverload[] = [
  ...comparable.flatMap((type) => [
    method("isSorted", [t.list(type)], t.bool, isSorted),
    method(
      "min",
      [t.list(type)],
      type,
      extreme("min", (order) => order < 0),
    ),
    method(
      "max",
      [t.list(type)],
      type,
      extreme("max", (order) => order > 0),
    ),
  ]),
  ...zeros.map(([type, zero]) => method("sum", [t.list(type)], type, sum(zero))),
  method(
    "indexOf",
    [t.list(a), a],
    t.int,
    indexOf((items, test) => items.findIndex(test)),
  ),
  method(
    "lastIndexOf",
    [t.list(a), a],
    t.int,
    indexOf((items, test) => items.findLastIndex(test)),
  ),
];
