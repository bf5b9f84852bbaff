import { CelMap, type CelValue, valueKey } from "./cel-value.ts";

/** Gives the text that items share which stand for the same thing. */
type ItemKey = (item: CelValue) => string;

/** Lists of type `set` and `map` are lists like others, but for `==` and `+`. */
const itemKeys = new WeakMap<readonly CelValue[], ItemKey>();

/** A list of type `set`, in which no item is twice and the order says nothing. */
export function setList(items: readonly CelValue[]): readonly CelValue[] {
  itemKeys.set(items, valueKey);
  return items;
}

/** A list of type `map`, whose items are told apart by these fields, and the order says nothing. */
export function mapList(items: readonly CelValue[], fields: readonly string[]): readonly CelValue[] {
  itemKeys.set(items, (item) => {
    const keys = fields.map((field) => (item instanceof CelMap ? (item.get(field) ?? null) : null));
    return valueKey(keys);
  });
  return items;
}

/**
 * Compares a list with another. What the first one is decides how: lists of type `set` and `map` find the items by their
 * keys, others by their places.
 */
export function equalLists(
  a: readonly CelValue[],
  b: readonly CelValue[],
  equals: (x: CelValue, y: CelValue) => boolean,
): boolean {
  if (a.length !== b.length) return false;
  const key = itemKeys.get(a);
  if (key === undefined) return a.every((item, index) => equals(item, b[index]!));
  const own = new Map(a.map((item) => [key(item), item]));
  return b.every((item) => {
    const mine = own.get(key(item));
    return mine !== undefined && equals(mine, item);
  });
}

/** Appends a list to another; to one of type `set` or `map` only what it has not, and what it has replaces its own. */
export function joinLists(a: readonly CelValue[], b: readonly CelValue[]): readonly CelValue[] {
  const key = itemKeys.get(a);
  if (key === undefined) return [...a, ...b];
  const joined = new Map([...a, ...b].map((item) => [key(item), item]));
  const items = [...joined.values()];
  itemKeys.set(items, key);
  return items;
}
