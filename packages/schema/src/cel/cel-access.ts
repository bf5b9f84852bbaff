import type { CelSelect } from "./cel-ast.ts";
import { CelEvaluationError } from "./cel-error.ts";
import { goFloat } from "../go-float.ts";
import {
  CelMap,
  CelOptional,
  CelUint,
  goTypeName,
  isCelList,
  runtimeType,
  type CelValue,
} from "./cel-value.ts";

/** Selects or tests a field of a map; anything else has no fields. */
export function selectField(operand: CelValue, { field, test, optional }: CelSelect): CelValue {
  if (operand instanceof CelOptional) {
    const inner = operand.value instanceof CelMap ? operand.value.get(field) : undefined;
    return test ? inner !== undefined : new CelOptional(inner);
  }
  if (isCelList(operand)) listPosition(field);
  const value = operand instanceof CelMap ? operand.get(field) : undefined;
  if (test) return value !== undefined;
  if (optional) return new CelOptional(value);
  if (value === undefined) throw new CelEvaluationError(`no such key: ${field}`);
  return value;
}

/**
 * The element of a list or map.
 *
 * @throws CelEvaluationError for a position outside of the list, a missing key, or an index of a type that is none.
 */
export function lookUp(container: CelValue, index: CelValue): CelValue {
  checkIndex(index);
  const value = lookUpOptional(container, index).value;
  if (value !== undefined) return value;
  const problem = isCelList(container) ? "index out of bounds" : "no such key";
  throw new CelEvaluationError(`${problem}: ${indexText(index)}`);
}

/** The element as an optional, absent where `lookUp` would fail for its absence. */
export function lookUpOptional(container: CelValue, index: CelValue): CelOptional {
  if (container instanceof CelMap) return new CelOptional(container.get(index));
  if (!isCelList(container)) return new CelOptional();
  return new CelOptional(container[listPosition(index)]);
}

type Index = bigint | number | string | boolean | CelUint;

/** Refuses values that can be neither position nor key; cel-go does so even before it runs anything. */
export function checkIndex(value: CelValue): asserts value is Index {
  if (typeof value === "object" && !(value instanceof CelUint)) {
    throw new CelEvaluationError(`invalid qualifier type: ${goTypeName(value)}`);
  }
}

/** The position that a number means; refuses other indexes, and numbers that are no 64-bit integers. */
function listPosition(index: CelValue): number {
  if (typeof index === "bigint") return Number(index);
  if (index instanceof CelUint && index.value < 2n ** 63n) return Number(index.value);
  if (typeof index === "number" && Number.isInteger(index) && Math.abs(index) < 2 ** 63) return index;
  if (index instanceof CelUint || typeof index === "number") {
    throw new CelEvaluationError(`unsupported index value ${indexText(index)} in list`);
  }
  throw new CelEvaluationError(`unsupported index type '${runtimeType(index)}' in list`);
}

function indexText(index: Index): string {
  if (index instanceof CelUint) return String(index.value);
  return typeof index === "number" ? goFloat(index) : String(index);
}
