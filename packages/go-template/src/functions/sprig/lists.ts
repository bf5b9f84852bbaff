import type { Budget } from "../../limits.ts";
import { isTrue } from "../../value/type.ts";
import { deepEqual } from "../../value/deep-equal.ts";
import { GoList, int, list, nilList, stringList, type Value } from "../../value/value.ts";
import { itemsOf, toInt64, toText, toTexts } from "../convert.ts";
import { define, defineVariadic, type FunctionMap, type TemplateFunction } from "../function.ts";

function counted(items: readonly Value[], budget: Budget): GoList {
  budget.spend(8 * items.length);
  return list(items);
}

function includes(items: readonly Value[], wanted: Value, budget: Budget): boolean {
  return items.some((item) => deepEqual(wanted, item, budget));
}

function uniq(items: readonly Value[], budget: Budget): Value[] {
  const found: Value[] = [];
  for (const item of items) {
    if (!includes(found, item, budget)) found.push(item);
  }
  return found;
}

function chunk(size: number, items: readonly Value[], budget: Budget): GoList {
  const count = Math.floor((items.length - 1) / size) + 1;
  if (count === 0) return new GoList("[]interface {}", [], false);
  // A size of zero makes the count infinite, which Go turns into the least int.
  if (size <= 0) throw new Error("runtime error: makeslice: len out of range");
  budget.spend(16 * items.length);
  const chunks: GoList[] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(list(items.slice(at, at + size)));
  return new GoList("[]interface {}", chunks, false);
}

const zeros: Readonly<Record<GoList["element"], Value>> = {
  "interface {}": null,
  string: "",
  int: int(0),
  "[]interface {}": nilList(),
};

function slice(value: Value, indices: readonly Value[]): Value {
  const items = itemsOf(value, "list should be type of slice or array but");
  if (items.length === 0 || !(value instanceof GoList)) return null;
  const { element, spare } = value;
  const from = indices[0] === undefined ? 0 : Number(toInt64(indices[0]));
  const to = indices[1] === undefined ? items.length : Number(toInt64(indices[1]));
  if (from < 0 || to < from || to > items.length + spare) {
    throw new Error("reflect.Value.Slice: slice index out of bounds");
  }
  if (to < items.length) return new GoList(element, items.slice(from, to), false);
  const extra = to - items.length;
  const padded = [...items, ...Array.from({ length: extra }, () => zeros[element])];
  return new GoList(element, padded.slice(from), false, spare - extra);
}

function has(wanted: Value, value: Value, budget: Budget): boolean {
  return value !== null && includes(itemsOf(value, "Cannot find has on type"), wanted, budget);
}

function concat(lists: readonly Value[], budget: Budget): GoList {
  const items: Value[] = [];
  for (const value of lists) {
    const more = itemsOf(value, "Cannot concat type", " as list");
    budget.spend(8 * more.length);
    for (const item of more) items.push(item);
  }
  return items.length === 0 ? nilList() : list(items);
}

function sortAlpha(value: Value, budget: Budget): GoList {
  if (!(value instanceof GoList)) return stringList([toText(value, budget)]);
  return stringList(toTexts(value, budget).toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** One function under its name and its `must` name, which differ in nothing that a template could see. */
function withMust(name: string, body: TemplateFunction): FunctionMap {
  return { [name]: body, [`must${name[0]?.toUpperCase()}${name.slice(1)}`]: body };
}

const newList = defineVariadic([], "interface {}", (_, items, { budget }) => counted(items, budget));

const push = define(["interface {}", "interface {}"], ([value, item], { budget }) =>
  counted([...itemsOf(value, "Cannot push on type"), item], budget),
);

/** Lists; none of these changes its argument. */
export const lists: FunctionMap = {
  list: newList,
  tuple: newList,
  ...withMust("append", push),
  ...withMust("push", push),
  ...withMust(
    "prepend",
    define(["interface {}", "interface {}"], ([value, item], { budget }) =>
      counted([item, ...itemsOf(value, "Cannot prepend on type")], budget),
    ),
  ),
  ...withMust(
    "first",
    define(["interface {}"], ([value]) => itemsOf(value, "Cannot find first on type")[0] ?? null),
  ),
  ...withMust(
    "last",
    define(["interface {}"], ([value]) => itemsOf(value, "Cannot find last on type").at(-1) ?? null),
  ),
  ...withMust(
    "rest",
    define(["interface {}"], ([value], { budget }) => {
      const items = itemsOf(value, "Cannot find rest on type");
      return items.length === 0 ? nilList() : counted(items.slice(1), budget);
    }),
  ),
  ...withMust(
    "initial",
    define(["interface {}"], ([value], { budget }) => {
      const items = itemsOf(value, "Cannot find initial on type");
      return items.length === 0 ? nilList() : counted(items.slice(0, -1), budget);
    }),
  ),
  ...withMust(
    "reverse",
    define(["interface {}"], ([value], { budget }) =>
      counted(itemsOf(value, "Cannot find reverse on type").toReversed(), budget),
    ),
  ),
  ...withMust(
    "uniq",
    define(["interface {}"], ([value], { budget }) =>
      counted(uniq(itemsOf(value, "Cannot find uniq on type"), budget), budget),
    ),
  ),
  ...withMust(
    "without",
    defineVariadic(["interface {}"], "interface {}", ([value], omitted, { budget }) => {
      const items = itemsOf(value, "Cannot find without on type");
      return counted(
        items.filter((item) => !includes(omitted, item, budget)),
        budget,
      );
    }),
  ),
  ...withMust(
    "has",
    define(["interface {}", "interface {}"], ([wanted, value], { budget }) => has(wanted, value, budget)),
  ),
  ...withMust(
    "slice",
    defineVariadic(["interface {}"], "interface {}", ([value], indices) => slice(value, indices)),
  ),
  ...withMust(
    "chunk",
    define(["int", "interface {}"], ([size, value], { budget }) =>
      chunk(size, itemsOf(value, "Cannot chunk type"), budget),
    ),
  ),
  ...withMust(
    "compact",
    define(["interface {}"], ([value], { budget }) =>
      counted(itemsOf(value, "Cannot compact on type").filter(isTrue), budget),
    ),
  ),
  concat: defineVariadic([], "interface {}", (_, values, { budget }) => concat(values, budget)),
  sortAlpha: define(["interface {}"], ([value], { budget }) => sortAlpha(value, budget)),
  toStrings: define(["interface {}"], ([value], { budget }) => stringList(toTexts(value, budget))),
  join: define(["string", "interface {}"], ([separator, value], { budget }) => {
    const texts = toTexts(value, budget);
    budget.reserve(texts.reduce((sum, text) => sum + text.length + separator.length, 0));
    return texts.join(separator);
  }),
};
