import { CelEvaluationError } from "./cel-error.ts";
import { optionalIndex } from "./library-operators.ts";
import { fn, method, type CelOverload } from "./cel-overload.ts";
import * as t from "./cel-type.ts";
import { CelDuration, CelMap, CelOptional, CelUint, isCelList, type CelValue } from "./cel-value.ts";

const a = t.param("A");

function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === 0n || value === 0 || value === "") return true;
  if (value instanceof CelUint) return value.value === 0n;
  if (value instanceof CelMap) return value.size === 0;
  if (value instanceof CelDuration) return value.nanos === 0n;
  return (isCelList(value) || value instanceof Uint8Array) && value.length === 0;
}

function inner(value: CelValue | undefined): CelValue | undefined {
  return (value as CelOptional).value;
}

/** cel-go's optional values. */
export const optionalLibrary: readonly CelOverload[] = [
  ...optionalIndex,
  fn("optional.of", [a], t.optional(a), ([value]) => new CelOptional(value)),
  fn("optional.ofNonZeroValue", [a], t.optional(a), ([value]) =>
    isZero(value!) ? new CelOptional() : new CelOptional(value),
  ),
  fn("optional.none", [], t.optional(a), () => new CelOptional()),
  method("hasValue", [t.optional(a)], t.bool, ([value]) => inner(value) !== undefined),
  method("value", [t.optional(a)], a, ([value]) => {
    const found = inner(value);
    if (found === undefined) throw new CelEvaluationError("optional.none() dereference");
    return found;
  }),
  method("or", [t.optional(a), t.optional(a)], t.optional(a), ([value, other]) =>
    inner(value) === undefined ? other! : value!,
  ),
  method("orValue", [t.optional(a), a], a, ([value, other]) => inner(value) ?? other!),
];
