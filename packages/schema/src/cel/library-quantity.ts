import { compareQuantities, parseQuantity, quantityFromNanos, type Quantity } from "../quantity.ts";
import { CelEvaluationError } from "./cel-error.ts";
import { fn, method, type CelImplementation, type CelOverload } from "./cel-overload.ts";
import * as t from "./cel-type.ts";
import { CelOpaque, type CelValue } from "./cel-value.ts";

const quantity = t.opaque("kubernetes.Quantity");
const billion = 1_000_000_000n;

function wrap(value: Quantity): CelOpaque {
  return new CelOpaque("kubernetes.Quantity", String(value.nanos), value);
}

function read(value: CelValue | undefined): Quantity {
  return (value as CelOpaque).content as Quantity;
}

function parse(text: string): Quantity {
  try {
    return parseQuantity(text);
  } catch (error) {
    throw new CelEvaluationError((error as Error).message, { cause: error });
  }
}

function isQuantity(text: string): boolean {
  try {
    parseQuantity(text);
    return true;
  } catch {
    return false;
  }
}

function isInteger({ nanos }: Quantity): boolean {
  const value = nanos / billion;
  return nanos % billion === 0n && value === BigInt.asIntN(64, value);
}

function asInteger([value]: readonly CelValue[]): bigint {
  if (!isInteger(read(value))) throw new CelEvaluationError("cannot convert value to integer");
  return read(value).nanos / billion;
}

function arithmetic(sign: 1n | -1n): CelImplementation {
  return ([a, b]) => {
    const other = typeof b === "bigint" ? b * billion : read(b).nanos;
    return wrap(quantityFromNanos(read(a).nanos + sign * other, read(a).format));
  };
}

function comparison(test: (order: number) => boolean): CelImplementation {
  return ([a, b]) => test(compareQuantities(read(a), read(b)));
}

/** Kubernetes' quantity library. */
export const quantityLibrary: readonly CelOverload[] = [
  fn("quantity", [t.string], quantity, ([text]) => wrap(parse(text as string))),
  fn("isQuantity", [t.string], t.bool, ([text]) => isQuantity(text as string)),
  method("sign", [quantity], t.int, ([value]) =>
    BigInt(Number(read(value).nanos > 0n) - Number(read(value).nanos < 0n)),
  ),
  method("isInteger", [quantity], t.bool, ([value]) => isInteger(read(value))),
  method("asInteger", [quantity], t.int, asInteger),
  method("asApproximateFloat", [quantity], t.double, ([value]) => Number(read(value).nanos) / 1e9),
  method(
    "isLessThan",
    [quantity, quantity],
    t.bool,
    comparison((order) => order < 0),
  ),
  method(
    "isGreaterThan",
    [quantity, quantity],
    t.bool,
    comparison((order) => order > 0),
  ),
  method("compareTo", [quantity, quantity], t.int, ([a, b]) => BigInt(compareQuantities(read(a), read(b)))),
  ...[quantity, t.int].flatMap((other) => [
    method("add", [quantity, other], quantity, arithmetic(1n)),
    method("sub", [quantity, other], quantity, arithmetic(-1n)),
  ]),
];
