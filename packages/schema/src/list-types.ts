import { duplicate, type FieldError } from "./field-error.ts";
import { jsonText } from "./json-text.ts";
import type { JsonSchema } from "./json-schema.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json-value.ts";
import { additionalSchema, itemSchema, propertySchema } from "./prune.ts";

/** Checks that lists of type `set` hold no item twice, and those of type `map` no keys twice. */
export function validateListTypes(schema: JsonSchema, value: JsonValue, path: string): FieldError[] {
  if (Array.isArray(value)) {
    const items = itemSchema(schema);
    const below = value.flatMap((item, index) =>
      items === undefined ? [] : validateListTypes(items, item, `${path}[${index}]`),
    );
    return [...duplicates(schema, value, path), ...below];
  }
  if (!isJsonObject(value)) return [];
  const additional = additionalSchema(schema);
  return Object.entries(value).flatMap(([key, field]) => {
    const property = propertySchema(schema, key);
    if (property !== undefined)
      return validateListTypes(property, field, path === "" ? key : `${path}.${key}`);
    return additional === undefined ? [] : validateListTypes(additional, field, `${path}[${key}]`);
  });
}

function duplicates(schema: JsonSchema, items: readonly JsonValue[], path: string): FieldError[] {
  const listType = schema["x-kubernetes-list-type"];
  if (listType !== "set" && listType !== "map") return [];
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const identity = listType === "set" ? item : keysOf(schema, item);
    const text = jsonText(identity);
    if (seen.has(text)) return [duplicate(`${path}[${index}]`, identity)];
    seen.add(text);
    return [];
  });
}

function keysOf(schema: JsonSchema, item: JsonValue): JsonObject {
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const fields = isJsonObject(item) ? item : {};
  return Object.fromEntries(keys.flatMap((key) => (Object.hasOwn(fields, key) ? [[key, fields[key]!]] : [])));
}
