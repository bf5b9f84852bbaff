import { isObject, type JsonObject, type JsonValue, setOwn } from "../json.ts";
import { itemElementOrNone } from "./list-item.ts";
import type { ListType, MapType, TypeSchema } from "./type-schema.ts";
import { fieldType, handledBy } from "./typed-value.ts";

/** Puts an applied value over the live one: applied leaves win, everything else stays, lists keep a joint order. */
export function merge(
  live: JsonValue | undefined,
  applied: JsonValue | undefined,
  type: TypeSchema,
): JsonValue | undefined {
  if (applied === undefined) return live;
  const handled = handledBy(type.atom, applied);
  if (handled === undefined || "scalar" in handled) return applied;
  if ("list" in handled) {
    const [left, right] = [listOf(live), listOf(applied)];
    const leaf = handled.list.atomic || (left.length === 0 && right.length === 0);
    return leaf ? applied : mergeLists(handled.list, left, right);
  }
  const [left, right] = [objectOf(live), objectOf(applied)];
  const leaf = handled.map.atomic || (Object.keys(left).length === 0 && Object.keys(right).length === 0);
  return leaf ? applied : mergeMaps(handled.map, left, right);
}

function mergeMaps(map: MapType, live: JsonObject, applied: JsonObject): JsonObject {
  const merged: JsonObject = { ...live };
  for (const [name, value] of Object.entries(applied)) {
    const type = fieldType(map, name);
    const own = Object.hasOwn(live, name) ? live[name] : undefined;
    setOwn(merged, name, type === undefined ? value : (merge(own, value, type) ?? null));
  }
  return merged;
}

/** Items of both lists in an order that respects the applied list first and the live list where it leaves room. */
function mergeLists(
  list: ListType,
  live: readonly JsonValue[],
  applied: readonly JsonValue[],
): JsonValue[] | null {
  const left = indexItems(list, live);
  const right = indexItems(list, applied);
  const shared = right.elements.filter((element) => left.values.has(element));
  const done = new Set<string>();
  const merged: JsonValue[] = [];
  const push = (value: JsonValue | undefined): void => {
    if (value !== undefined) merged.push(value);
  };
  const takeApplied = (element: string): void => {
    done.add(element);
    push(merge(left.values.get(element), right.values.get(element), list.element));
    if (shared[0] === element) shared.shift();
  };
  let l = 0;
  let r = 0;
  while (l < left.elements.length || r < right.elements.length) {
    const ours = left.elements[l];
    const theirs = right.elements[r];
    if (ours !== undefined && ours === theirs) {
      takeApplied(ours);
      l++;
      r++;
    } else if (ours !== undefined && !right.values.has(ours)) {
      push(left.items[l]);
      l++;
    } else if (ours !== undefined && theirs !== undefined && shared.length > 0 && shared[0] !== ours) {
      // A shared item, but not the one whose turn it is: it comes where the applied list has it.
      l++;
    } else {
      if (ours !== undefined && done.has(ours)) l++;
      if (theirs !== undefined) {
        takeApplied(theirs);
        r++;
      }
    }
  }
  return merged.length > 0 ? merged : null;
}

interface Indexed {
  readonly elements: readonly string[];
  readonly items: readonly JsonValue[];
  /** Duplicated items are no base to merge on. */
  readonly values: ReadonlyMap<string, JsonValue | undefined>;
}

function indexItems(list: ListType, source: readonly JsonValue[]): Indexed {
  const elements: string[] = [];
  const items: JsonValue[] = [];
  const values = new Map<string, JsonValue | undefined>();
  for (const item of source) {
    const element = itemElementOrNone(list, item);
    if (element === undefined) continue;
    elements.push(element);
    items.push(item);
    values.set(element, values.has(element) ? undefined : item);
  }
  return { elements, items, values };
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}
