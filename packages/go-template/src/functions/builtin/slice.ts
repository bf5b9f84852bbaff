import { typeOf } from "../../value/type.ts";
import { GoInt, GoList, GoVersion, type Result } from "../../value/value.ts";
import { defineVariadic, type TemplateFunction } from "../function.ts";

function bound(index: Result, capacity: number): number {
  if (index === undefined || index === null) throw new Error("cannot index slice/array with nil");
  if (!(index instanceof GoInt)) throw new Error(`cannot index slice/array with type ${typeOf(index)}`);
  if (index.value < 0n || index.value > BigInt(capacity))
    throw new Error(`index out of range: ${index.value}`);
  return Number(index.value);
}

/** Go's own `slice`, for sets without sprig's function of that name. */
export const slice: TemplateFunction = defineVariadic(
  ["reflect.Value"],
  "reflect.Value",
  ([item], indexes) => {
    if (item === undefined || item === null) throw new Error("slice of untyped nil");
    if (indexes.length > 3) throw new Error(`too many slice indexes: ${indexes.length}`);
    if (typeof item !== "string" && !(item instanceof GoList)) {
      throw new Error(
        `can't slice item of type ${item instanceof GoVersion ? "semver.Version" : typeOf(item)}`,
      );
    }
    if (typeof item === "string" && indexes.length === 3) throw new Error("cannot 3-index slice a string");
    const length = typeof item === "string" ? item.length : item.items.length;
    const [from = 0, to = length, capacity = length] = indexes.map((index) => bound(index, length));
    if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`);
    if (to > capacity) throw new Error(`invalid slice index: ${to} > ${capacity}`);
    if (typeof item === "string") return item.slice(from, to);
    return new GoList(item.element, item.items.slice(from, to), item.isNil);
  },
);
