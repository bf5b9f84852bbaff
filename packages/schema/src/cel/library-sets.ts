import { celEquals } from "./cel-equality.ts";
import { fn, type CelCallContext, type CelOverload } from "./cel-overload.ts";
import * as t from "./cel-type.ts";
import type { CelValue } from "./cel-value.ts";

const lists = [t.list(t.param("A")), t.list(t.param("A"))];

type Items = readonly CelValue[];

function test(name: string, compare: (a: Items, b: Items) => boolean): CelOverload {
  return fn(name, lists, t.bool, ([a, b], context: CelCallContext) => {
    context.spend((a as Items).length * (b as Items).length);
    return compare(a as Items, b as Items);
  });
}

function includesAll(a: Items, b: Items): boolean {
  return b.every((wanted) => a.some((item) => celEquals(item, wanted)));
}

/** cel-go's set functions on lists. */
export const setsLibrary: readonly CelOverload[] = [
  test("sets.contains", includesAll),
  test("sets.equivalent", (a, b) => includesAll(a, b) && includesAll(b, a)),
  test("sets.intersects", (a, b) => a.some((item) => b.some((other) => celEquals(item, other)))),
];
