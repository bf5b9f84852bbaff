import { isTrue, typeOf } from "../../value/type.ts";
import { GoInt, GoList, GoMap, GoVersion, int, type Result } from "../../value/value.ts";
import { define, defineVariadic, type FunctionMap } from "../function.ts";

function indexArgument(index: Result, length: number): number {
  if (index === undefined || index === null) throw new Error("cannot index slice/array with nil");
  if (!(index instanceof GoInt)) throw new Error(`cannot index slice/array with type ${typeOf(index)}`);
  const at = BigInt.asIntN(64, index.value);
  if (at < 0n || at > BigInt(length)) throw new Error(`index out of range: ${at}`);
  return Number(at);
}

function indexOne(item: Result, index: Result): Result {
  if (item === undefined || item === null) throw new Error("index of nil pointer");
  if (typeof item === "string") {
    const at = indexArgument(index, item.length);
    if (at === item.length) throw new Error("reflect: string index out of range");
    return new GoInt("uint8", BigInt(item.charCodeAt(at)));
  }
  if (item instanceof GoList) {
    const value = item.items[indexArgument(index, item.items.length)];
    if (value === undefined) throw new Error("reflect: slice index out of range");
    return value;
  }
  if (item instanceof GoMap) {
    if (index === undefined || index === null) throw new Error("value is nil; should be of type string");
    if (typeof index !== "string") throw new Error(`value has type ${typeOf(index)}; should be string`);
    return item.entries.get(index) ?? (item.element === "string" ? "" : null);
  }
  // Go looks through a pointer, so the type it names is that of the struct.
  const type = item instanceof GoVersion ? "semver.Version" : typeOf(item);
  throw new Error(`can't index item of type ${type}`);
}

function lengthOf(item: Result): number {
  if (item === null) throw new Error("len of nil pointer");
  if (item === undefined) throw new Error("reflect: call of reflect.Value.Type on zero Value");
  if (typeof item === "string") return item.length;
  if (item instanceof GoList) return item.items.length;
  if (item instanceof GoMap) return item.entries.size;
  throw new Error(`len of type ${item instanceof GoVersion ? "semver.Version" : typeOf(item)}`);
}

const evaluated = (): never => {
  throw new Error("unreachable: the executor evaluates this function itself");
};

/** `index len not`, and the names that the executor handles itself: `and or call`. */
export const access: FunctionMap = {
  index: defineVariadic(["reflect.Value"], "reflect.Value", ([item], indexes) => {
    if (item === undefined || item === null) throw new Error("index of untyped nil");
    let current: Result = item;
    for (const index of indexes) current = indexOne(current, index);
    return current;
  }),
  len: define(["reflect.Value"], ([item]) => int(lengthOf(item))),
  not: define(["reflect.Value"], ([value]) => !isTrue(value)),
  and: defineVariadic(["reflect.Value"], "reflect.Value", evaluated),
  or: defineVariadic(["reflect.Value"], "reflect.Value", evaluated),
  call: defineVariadic(["reflect.Value"], "reflect.Value", evaluated),
};
