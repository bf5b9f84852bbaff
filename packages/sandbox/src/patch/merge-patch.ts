import { isObject, type JsonObject, type JsonValue, setOwn } from "../json.ts";

/** Applies a JSON merge patch (RFC 7386): null removes, objects merge, everything else replaces. */
export function applyMergePatch(value: JsonValue, patch: JsonValue): JsonValue {
  if (!isObject(patch)) return patch;
  const merged: JsonObject = isObject(value) ? { ...value } : {};
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) delete merged[key];
    else
      setOwn(merged, key, applyMergePatch(Object.hasOwn(merged, key) ? (merged[key] ?? null) : null, change));
  }
  return merged;
}
