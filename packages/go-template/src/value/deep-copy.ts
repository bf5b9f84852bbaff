import { type Budget, limitError, maxDepth } from "../limits.ts";
import { GoList, GoMap, type Value } from "./value.ts";

/** A copy that shares no list or map with its original. */
export function deepCopy(value: Value, budget: Budget, depth = 0): Value {
  budget.spend(8);
  if (depth > maxDepth) throw limitError("value is nested too deeply to be copied");
  if (value instanceof GoList) {
    const items = value.items.map((item) => deepCopy(item, budget, depth + 1));
    return new GoList(value.element, items, value.isNil);
  }
  if (value instanceof GoMap) {
    const entries = new Map<string, Value>();
    for (const [key, item] of value.entries) entries.set(key, deepCopy(item, budget, depth + 1));
    return new GoMap(value.element, entries, value.isNil);
  }
  return value;
}
