import { jsonText } from "./json-text.ts";
import type { JsonSchema } from "./json-schema.ts";
import { isJsonObject, type JsonValue } from "./json-value.ts";
import { additionalSchema, itemSchema, propertySchema } from "./prune.ts";

/** The value that a field had before; undefined where there is none to compare with. */
export function oldField(old: JsonValue | undefined, key: string): JsonValue | undefined {
  return isJsonObject(old) && Object.hasOwn(old, key) ? old[key] : undefined;
}

/** Finds what an item of a list was before: in lists of type `map` the old one of the same keys, elsewhere nothing. */
export function oldItems(
  schema: JsonSchema,
  old: JsonValue | undefined,
): (item: JsonValue) => JsonValue | undefined {
  if (!isKeyed(schema) || !Array.isArray(old)) return () => undefined;
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const identity = (item: JsonValue): string =>
    jsonText(keys.map((key) => (isJsonObject(item) ? (item[key] ?? null) : null)));
  const byIdentity = new Map(old.map((item) => [identity(item), item]));
  return (item) => byIdentity.get(identity(item));
}

function isKeyed(schema: JsonSchema): boolean {
  return schema["x-kubernetes-list-type"] === "map";
}

/**
 * Whether a value is what it was, so that the API server lets it be whatever the schema says by now. Items of lists of
 * type `map` may have changed places.
 */
export function isUnchanged(schema: JsonSchema, value: JsonValue, old: JsonValue | undefined): boolean {
  if (old === undefined) return false;
  if (Array.isArray(value) && Array.isArray(old)) {
    const items = itemSchema(schema);
    if (items === undefined || !isKeyed(schema)) return jsonText(value) === jsonText(old);
    const before = oldItems(schema, old);
    return value.length === old.length && value.every((item) => isUnchanged(items, item, before(item)));
  }
  if (!isJsonObject(value) || !isJsonObject(old)) return jsonText(value) === jsonText(old);
  const keys = Object.keys(value);
  return (
    keys.length === Object.keys(old).length &&
    keys.every((key) => {
      const child = propertySchema(schema, key) ?? additionalSchema(schema);
      return child !== undefined && isUnchanged(child, value[key]!, oldField(old, key));
    })
  );
}
