import type { OpenApiSchema } from "../fields/type-schema.ts";
import { resolveSchema } from "../builtin/definitions.ts";
import { equalJson, getString, isObject, type JsonObject, type JsonValue, setOwn, textOf } from "../json.ts";

/** A patch with a directive that makes no sense. */
export class StrategicMergeError extends Error {
  override readonly name = "StrategicMergeError";
}

const directive = "$patch";
const retainKeys = "$retainKeys";
const deletePrefix = "$deleteFromPrimitiveList/";
const orderPrefix = "$setElementOrder/";

/**
 * Applies a strategic merge patch to a built-in object: lists merge by the key or strategy their schema names,
 * and `$patch`, `$retainKeys`, `$deleteFromPrimitiveList` and `$setElementOrder` are obeyed.
 *
 * @throws StrategicMergeError for malformed directives.
 */
export function applyStrategicMergePatch(
  value: JsonObject,
  patch: JsonObject,
  schema: OpenApiSchema,
): JsonObject {
  return mergeObject(value, patch, schema);
}

function mergeObject(value: JsonObject, patch: JsonObject, schema: OpenApiSchema): JsonObject {
  switch (patch[directive]) {
    case undefined:
    case "merge":
      break;
    case "replace": {
      const { [directive]: _directive, ...rest } = patch;
      return withoutDirectives(rest) as JsonObject;
    }
    case "delete":
      return {};
    default:
      throw new StrategicMergeError(`unknown patch type found: ${textOf(patch[directive])} in map`);
  }
  const merged = retain({ ...value }, patch);
  for (const [key, change] of Object.entries(patch)) {
    if (key === directive || key === retainKeys) continue;
    if (key.startsWith(deletePrefix)) {
      deleteFromList(merged, key.slice(deletePrefix.length), change);
    } else if (!key.startsWith(orderPrefix)) {
      mergeField(merged, key, change, propertyOf(schema, key));
    }
  }
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(orderPrefix)) continue;
    const field = key.slice(orderPrefix.length);
    const list = merged[field];
    if (Array.isArray(list) && Array.isArray(order)) {
      merged[field] = reorder(list, order, mergeKeyOf(propertyOf(schema, field)));
    }
  }
  return merged;
}

function mergeField(merged: JsonObject, key: string, change: JsonValue, schema: OpenApiSchema): void {
  const current = Object.hasOwn(merged, key) ? merged[key] : undefined;
  if (change === null) {
    delete merged[key];
  } else if (isObject(change)) {
    if (change[directive] === "delete") delete merged[key];
    else setOwn(merged, key, mergeObject(isObject(current) ? current : {}, change, schema));
  } else if (Array.isArray(change)) {
    setOwn(merged, key, mergeList(Array.isArray(current) ? current : [], change, schema));
  } else {
    setOwn(merged, key, change);
  }
}

/** Drops the fields that are neither kept nor changed. */
function retain(value: JsonObject, patch: JsonObject): JsonObject {
  const keys = patch[retainKeys];
  if (keys === undefined) return value;
  if (!Array.isArray(keys)) throw new StrategicMergeError(`invalid ${retainKeys}: not a list`);
  const kept = new Set(keys.map(String));
  for (const key of Object.keys(patch)) {
    if (key !== retainKeys && key !== directive && !key.startsWith("$") && !kept.has(key)) {
      throw new StrategicMergeError(`some keys in ${retainKeys} are missing from patch: ${key}`);
    }
  }
  return Object.fromEntries(Object.entries(value).filter(([key]) => kept.has(key)));
}

function mergeList(
  current: readonly JsonValue[],
  change: readonly JsonValue[],
  schema: OpenApiSchema,
): JsonValue[] {
  const strategies = (schema["x-kubernetes-patch-strategy"] ?? "").split(",");
  const replaced = change.find((item) => isObject(item) && item[directive] === "replace");
  const items = change.filter((item) => item !== replaced);
  if (replaced !== undefined || !strategies.includes("merge")) return items.map(withoutDirectives);
  const mergeKey = schema["x-kubernetes-patch-merge-key"];
  if (mergeKey === undefined) {
    return [...current, ...items.filter((item) => !current.some((other) => equalJson(item, other)))];
  }
  return mergeKeyedList(current, items, mergeKey, itemSchema(schema));
}

function mergeKeyedList(
  current: readonly JsonValue[],
  change: readonly JsonValue[],
  mergeKey: string,
  schema: OpenApiSchema,
): JsonValue[] {
  const merged = [...current];
  for (const item of change) {
    if (!isObject(item)) throw new StrategicMergeError("a list of objects is patched with a scalar");
    const key = item[mergeKey];
    if (key === undefined) {
      throw new StrategicMergeError(
        `map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`,
      );
    }
    const index = merged.findIndex((other) => isObject(other) && equalJson(other[mergeKey], key));
    if (item[directive] === "delete") {
      if (index >= 0) merged.splice(index, 1);
      continue;
    }
    const base = merged[index];
    if (isObject(base)) merged[index] = mergeObject(base, item, schema);
    else merged.push(mergeObject({}, item, schema));
  }
  return merged;
}

function deleteFromList(merged: JsonObject, field: string, values: JsonValue): void {
  const list = merged[field];
  if (!Array.isArray(list) || !Array.isArray(values)) return;
  merged[field] = list.filter((item) => !values.some((value) => equalJson(value, item)));
}

/** Items the order names in that order; others stay behind the item they followed. */
function reorder(
  list: readonly JsonValue[],
  order: readonly JsonValue[],
  mergeKey: string | undefined,
): JsonValue[] {
  const identity = (item: JsonValue): JsonValue =>
    mergeKey !== undefined && isObject(item) ? (item[mergeKey] ?? null) : item;
  const wanted = order.map(identity);
  const rank = (item: JsonValue): number => wanted.findIndex((other) => equalJson(other, identity(item)));
  const named = list.filter((item) => rank(item) >= 0).toSorted((a, b) => rank(a) - rank(b));
  const result: JsonValue[] = [];
  let next = 0;
  for (const item of list) {
    if (rank(item) < 0) {
      result.push(item);
    } else {
      const placed = named[next++];
      if (placed !== undefined) result.push(placed);
    }
  }
  return result;
}

/** New values come without directives. */
function withoutDirectives(value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    return value
      .filter((item) => !isObject(item) || getString(item, directive) !== "delete")
      .map(withoutDirectives);
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, child]) => !key.startsWith("$") && child !== null)
      .map(([key, child]) => [key, withoutDirectives(child)]),
  );
}

function propertyOf(schema: OpenApiSchema, name: string): OpenApiSchema {
  const own = schema.properties;
  const property = own !== undefined && Object.hasOwn(own, name) ? own[name] : undefined;
  if (property !== undefined) {
    const target = resolveSchema(property);
    return target === property ? property : { ...target, ...extensionsOf(property) };
  }
  return typeof schema.additionalProperties === "object" ? resolveSchema(schema.additionalProperties) : {};
}

function itemSchema(schema: OpenApiSchema): OpenApiSchema {
  return isObject(schema.items) ? resolveSchema(schema.items) : {};
}

function extensionsOf(schema: OpenApiSchema): OpenApiSchema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key.startsWith("x-kubernetes-")));
}

function mergeKeyOf(schema: OpenApiSchema): string | undefined {
  return schema["x-kubernetes-patch-merge-key"];
}
