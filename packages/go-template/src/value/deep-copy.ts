import { type Budget, limitError, maxDepth } from "../limits.ts";
import type { Version } from "../functions/semver/version.ts";
import { GoList, GoMap, GoVersion, type Value } from "./value.ts";

const zeroVersion: Version = { major: 0n, minor: 0n, patch: 0n, pre: "", metadata: "", original: "" };

/** A copy that shares no list or map with its original. */
export function deepCopy(value: Value, budget: Budget, depth = 0): Value {
  budget.spend(100);
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
  // The Go library copies exported fields only, and a version has none.
  return value instanceof GoVersion ? new GoVersion(zeroVersion, value.isPointer) : value;
}
