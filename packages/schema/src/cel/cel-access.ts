import type { CelSelect } from "./cel-ast.ts";
import { CelEvaluationError } from "./cel-error.ts";
import { goFloat } from "../go-float.ts";
import { CelMap, CelOptional, CelUint, isCelList, runtimeType, type CelValue } from "./cel-value.ts";

/** Selects or tests a field of a map; anything else has no fields. */
export function selectField(operand: CelValue, { field, test, optional }: CelSelect): CelValue {
  if (operand instanceof CelOptional) {
    const inner = operand.value instanceof CelMap ? operand.value.get(field) : undefined;
    return test ? inner !== undefined : new CelOptional(inner);
  }
  const value = operand instanceof CelMap ? operand.get(field) : undefined;
  if (test) return value !== undefined;
  if (optional) return new CelOptional(value);
  if (value === undefined) throw new CelEvaluationError(`no such key: ${field}`);
  return value;
}

/**
 * The element of a list or map.
 *
 * @throws CelEvaluationError for a position outside of the list or a missing key.
 */
export function lookUp(container: CelValue, index: CelValue): CelValue {
  if (container instanceof CelMap) {
    const value = container.get(index);
    if (value === undefined) throw new CelEvaluationError(`no such key: ${keyText(index)}`);
    return value;
  }
  if (!isCelList(container)) throw new CelEvaluationError("no such overload");
  const position = listPosition(index);
  const value = container[position];
  if (value === undefined) throw new CelEvaluationError(`index out of bounds: ${position}`);
  return value;
}

/** The element as an optional, absent where `lookUp` would fail for its absence. */
export function lookUpOptional(container: CelValue, index: CelValue): CelOptional {
  if (container instanceof CelMap) return new CelOptional(container.get(index));
  if (!isCelList(container)) throw new CelEvaluationError("no such overload");
  return new CelOptional(container[listPosition(index)]);
}

function listPosition(index: CelValue): number {
  if (typeof index === "bigint") return Number(index);
  if (index instanceof CelUint) return Number(index.value);
  if (typeof index === "number") {
    if (Number.isInteger(index)) return index;
    throw new CelEvaluationError(`unsupported index value ${goFloat(index)} in list`);
  }
  throw new CelEvaluationError(`unsupported index type '${runtimeType(index)}' in list`);
}

function keyText(key: CelValue): string {
  if (key instanceof CelUint) return String(key.value);
  if (typeof key === "number") return goFloat(key);
  return typeof key === "object" && key !== null ? runtimeType(key) : String(key);
}
