import { typeOf } from "../../value/type.ts";
import type { ByteString } from "../../text/byte-string.ts";
import { deepCopy } from "../../value/deep-copy.ts";
import { GoMap, list, map, stringList, type Value } from "../../value/value.ts";
import { toText } from "../convert.ts";
import { define, defineVariadic, type FunctionMap, type TemplateFunction } from "../function.ts";
import { mergeInto } from "./merge.ts";

const anyMap = "map[string]interface {}";

function convert(value: Value, type: typeof anyMap): GoMap;
function convert(value: Value, type: "string"): ByteString;
function convert(value: Value, type: string): Value {
  if (value !== null && typeOf(value) === type) return value;
  const given = value === null ? "nil" : typeOf(value);
  throw new Error(`interface conversion: interface {} is ${given}, not ${type}`);
}

function dig(args: readonly Value[]): Value {
  if (args.length < 3) throw new Error("dig needs at least three arguments");
  let current = convert(args.at(-1) ?? null, anyMap);
  const keys = args.slice(0, -2).map((key) => convert(key, "string"));
  for (const [i, key] of keys.entries()) {
    const step = current.entries.get(key);
    if (step === undefined) break;
    if (i === keys.length - 1) return step;
    current = convert(step, anyMap);
  }
  return args.at(-2) ?? null;
}

function merge(overwrite: boolean): TemplateFunction {
  return defineVariadic([anyMap], anyMap, ([target], sources, { budget }) =>
    mergeInto(target, sources, { overwrite, budget }),
  );
}

/** Merging that gives the empty string where the `must` form fails. */
function quietMerge(overwrite: boolean): TemplateFunction {
  return defineVariadic([anyMap], anyMap, ([target], sources, { budget }) => {
    try {
      return mergeInto(target, sources, { overwrite, budget });
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("src and dst")) return "";
      throw error;
    }
  });
}

const copy = define(["interface {}"], ([value], { budget }) => {
  if (value === null) throw new Error("reflect: call of reflect.Value.Type on zero Value");
  return deepCopy(value, budget);
});

/** Maps; `set`, `unset` and the merge functions change their first map. */
export const dicts: FunctionMap = {
  dict: defineVariadic([], "interface {}", (_, args, { budget }) => {
    const entries = new Map<ByteString, Value>();
    budget.spend(16 * args.length);
    for (let i = 0; i < args.length; i += 2)
      entries.set(toText(args[i] ?? null, budget), args[i + 1] ?? null);
    const last = args.at(-1) ?? null;
    if (args.length % 2 === 1) entries.set(toText(last, budget), "");
    return map(entries);
  }),
  get: define(
    [anyMap, "string"],
    ([dict, key]) => dict.entries.get(key) ?? (dict.entries.has(key) ? null : ""),
  ),
  set: define([anyMap, "string", "interface {}"], ([dict, key, value]) => {
    if (dict.isNil) throw new Error("assignment to entry in nil map");
    dict.entries.set(key, value);
    return dict;
  }),
  unset: define([anyMap, "string"], ([dict, key]) => {
    dict.entries.delete(key);
    return dict;
  }),
  hasKey: define([anyMap, "string"], ([dict, key]) => dict.entries.has(key)),
  pluck: defineVariadic(["string"], anyMap, ([key], maps) =>
    list(maps.filter((dict) => dict.entries.has(key)).map((dict) => dict.entries.get(key) ?? null)),
  ),
  keys: defineVariadic([], anyMap, (_, maps, { budget }) => {
    const keys = maps.flatMap((dict) => [...dict.entries.keys()]);
    budget.spend(16 * keys.length);
    return stringList(keys.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
  }),
  values: define([anyMap], ([dict], { budget }) => {
    budget.spend(16 * dict.entries.size);
    return list(dict.sortedKeys().map((key) => dict.entries.get(key) ?? null));
  }),
  pick: defineVariadic([anyMap], "string", ([dict], keys, { budget }) => {
    budget.spend(16 * keys.length);
    const entries = new Map<ByteString, Value>();
    for (const key of keys) {
      const value = dict.entries.get(key);
      if (value !== undefined) entries.set(key, value);
    }
    return map(entries);
  }),
  omit: defineVariadic([anyMap], "string", ([dict], keys, { budget }) => {
    budget.spend(16 * dict.entries.size);
    const omitted = new Set(keys);
    return map(new Map([...dict.entries].filter(([key]) => !omitted.has(key))));
  }),
  dig: defineVariadic([], "interface {}", (_, args) => dig(args)),
  merge: quietMerge(false),
  mustMerge: merge(false),
  mergeOverwrite: quietMerge(true),
  mustMergeOverwrite: merge(true),
  deepCopy: copy,
  mustDeepCopy: copy,
};
