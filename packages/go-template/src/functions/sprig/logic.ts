import { deepEqual } from "../../value/deep-equal.ts";
import { isTrue, kindOf, typeOf } from "../../value/type.ts";
import { define, defineVariadic, type FunctionMap } from "../function.ts";
import { failWith } from "../convert.ts";

/** Defaults, emptiness, choice and reflection. */
export const logic: FunctionMap = {
  default: defineVariadic(["interface {}"], "interface {}", ([fallback], [given = null]) =>
    isTrue(given) ? given : fallback,
  ),
  empty: define(["interface {}"], ([value]) => !isTrue(value)),
  coalesce: defineVariadic([], "interface {}", (_, values) => values.find(isTrue) ?? null),
  all: defineVariadic([], "interface {}", (_, values) => values.every(isTrue)),
  any: defineVariadic([], "interface {}", (_, values) => values.some(isTrue)),
  ternary: define(["interface {}", "interface {}", "bool"], ([yes, no, condition]) => (condition ? yes : no)),
  fail: define(["string"], ([message]) => failWith(message)),
  typeOf: define(["interface {}"], ([value]) => typeOf(value)),
  typeIs: define(["string", "interface {}"], ([type, value]) => typeOf(value) === type),
  typeIsLike: define(
    ["string", "interface {}"],
    ([type, value]) => typeOf(value) === type || typeOf(value) === `*${type}`,
  ),
  kindOf: define(["interface {}"], ([value]) => kindOf(value)),
  kindIs: define(["string", "interface {}"], ([kind, value]) => kindOf(value) === kind),
  deepEqual: define(["interface {}", "interface {}"], ([a, b], { budget }) => deepEqual(a, b, budget)),
};
