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
  const orders = new Map<string, readonly JsonValue[]>();
  for (const [key, order] of Object.entries(patch)) {
    if (key.startsWith(orderPrefix) && Array.isArray(order)) orders.set(key.slice(orderPrefix.length), order);
  }
  for (const [key, change] of Object.entries(patch)) {
    if (key === directive || key === retainKeys || key.startsWith(orderPrefix)) continue;
    if (key.startsWith(deletePrefix)) deleteFromList(merged, key.slice(deletePrefix.length), change);
    else mergeField(merged, key, change, propertyOf(schema, key));
  }
  for (const [field, order] of orders) {
    const list = merged[field];
    const before = value[field];
    if (!Array.isArray(list)) continue;
    merged[field] = orderItems(
      list,
      order,
      Array.isArray(before) ? before : [],
      mergeKeyOf(propertyOf(schema, field)),
    );
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
  const mergeKey = mergeKeyOf(schema);
  if (mergeKey === undefined) {
    const added = items.filter((item) => !current.some((other) => equalJson(item, other)));
    return orderItems([...current, ...added], items, current, undefined);
  }
  const kept = items.filter((item) => !isObject(item) || item[directive] !== "delete");
  return orderItems(mergeKeyedList(current, items, mergeKey, itemSchema(schema)), kept, current, mergeKey);
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
      throw new StrategicMergeError(`map: ${goText(item)} does not contain declared merge key: ${mergeKey}`);
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

/**
 * Sorts a merged list: the items that the order names in that order, the others as the server had them, and both
 * kinds joined so that nothing overtakes what stood before it on the server.
 */
function orderItems(
  merged: readonly JsonValue[],
  order: readonly JsonValue[],
  server: readonly JsonValue[],
  mergeKey: string | undefined,
): JsonValue[] {
  const identity = (item: JsonValue): JsonValue =>
    mergeKey !== undefined && isObject(item) ? (item[mergeKey] ?? null) : item;
  const rankIn = (list: readonly JsonValue[], item: JsonValue): number =>
    list.findIndex((other) => equalJson(identity(other), identity(item)));
  const sortBy = (list: readonly JsonValue[], items: readonly JsonValue[]): JsonValue[] =>
    items.toSorted((a, b) => rankIn(list, a) - rankIn(list, b));
  const named = sortBy(
    order,
    merged.filter((item) => rankIn(order, item) >= 0),
  );
  const others = sortBy(
    server,
    merged.filter((item) => rankIn(order, item) < 0),
  );
  const result: JsonValue[] = [];
  while (named.length > 0 && others.length > 0) {
    const [ours, theirs] = [rankIn(server, named[0] ?? null), rankIn(server, others[0] ?? null)];
    const next = ours >= 0 && theirs >= 0 && theirs < ours ? others.shift() : named.shift();
    if (next !== undefined) result.push(next);
  }
  return [...result, ...named, ...others];
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

/** A value as Go prints it with `%v`. */
function goText(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (!isObject(value)) return textOf(value);
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `map[${fields.map(([key, child]) => `${key}:${goText(child)}`).join(" ")}]`;
}
