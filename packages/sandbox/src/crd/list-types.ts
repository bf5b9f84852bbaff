import { duplicate, type FieldError, type JsonSchema } from "@package-operator/schema";
import { isObject, type JsonObject, type JsonValue } from "../json.ts";

/** Finds repeated items in lists that a schema declares as set or map. */
export function validateListTypes(schema: JsonSchema, value: JsonValue, path: string): FieldError[] {
  if (Array.isArray(value)) {
    const items = Array.isArray(schema.items) ? undefined : schema.items;
    const below =
      items === undefined
        ? []
        : value.flatMap((item, index) => validateListTypes(items, item, `${path}[${index}]`));
    return [...repeated(schema, value, path), ...below];
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, child]) => {
    const more = typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
    const property =
      schema.properties !== undefined && Object.hasOwn(schema.properties, name)
        ? schema.properties[name]
        : undefined;
    const at = property === undefined ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`;
    const type = property ?? more;
    return type === undefined ? [] : validateListTypes(type, child, at);
  });
}

function repeated(schema: JsonSchema, items: readonly JsonValue[], path: string): FieldError[] {
  const listType = schema["x-kubernetes-list-type"];
  if (listType !== "set" && listType !== "map") return [];
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const identity = listType === "set" ? item : keysOf(schema, item);
    const text = canonicalText(identity);
    if (!seen.has(text)) {
      seen.add(text);
      return [];
    }
    return [duplicate(`${path}[${index}]`, identity)];
  });
}

function keysOf(schema: JsonSchema, item: JsonValue): JsonObject {
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const source = isObject(item) ? item : {};
  return Object.fromEntries(
    keys.flatMap((key): [string, JsonValue][] => (source[key] === undefined ? [] : [[key, source[key]]])),
  );
}

function canonicalText(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (!isObject(value)) return typeof value === "bigint" ? String(value) : JSON.stringify(value);
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, child]) => `${JSON.stringify(key)}:${canonicalText(child)}`).join(",")}}`;
}
