import {
  bool,
  bytes,
  double,
  duration,
  dyn,
  int,
  list,
  map,
  string,
  timestamp,
  type CelType,
} from "./cel/cel-type.ts";
import { celFromJson } from "./cel/cel-json.ts";
import { mapList, setList } from "./cel/cel-keyed-list.ts";
import { parseDuration, parseTimestamp } from "./cel/time-text.ts";
import { CelMap, type CelValue } from "./cel/cel-value.ts";
import type { JsonSchema } from "./json-schema.ts";
import { isJsonObject, type JsonValue } from "./json-value.ts";
import { additionalSchema, itemSchema, propertySchema } from "./prune.ts";

/** Words that no field of an expression may be called. */
const reserved: ReadonlySet<string> = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return".split(
    " ",
  ),
);
const escapes: Readonly<Record<string, string>> = {
  _: "__underscores__",
  ".": "__dot__",
  "-": "__dash__",
  "/": "__slash__",
};

/** The fields that every object has at its root. */
const rootFields: Readonly<Record<string, JsonSchema>> = {
  apiVersion: { type: "string" },
  kind: { type: "string" },
  metadata: { type: "object", properties: { name: { type: "string" }, generateName: { type: "string" } } },
};

/** How a property is called in rules: reserved words and special characters are escaped; undefined when it cannot be. */
function ruleFieldName(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`;
  const escaped = name.replaceAll(/__|[./-]/g, (part) => (part === "__" ? escapes["_"]! : escapes[part]!));
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(escaped) ? escaped : undefined;
}

/** A schema with the root's fields, for rules on whole objects and embedded ones. */
export function withRootFields(schema: JsonSchema): JsonSchema {
  return { ...schema, properties: { ...schema.properties, ...rootFields } };
}

/** The static type of values of a schema; undefined when rules cannot see them. `name` tells object types apart. */
export function ruleType(schema: JsonSchema, name: string): CelType | undefined {
  if (schema["x-kubernetes-int-or-string"] === true) return dyn;
  const embedded = schema["x-kubernetes-embedded-resource"] === true ? withRootFields(schema) : schema;
  switch (schema.type) {
    case "object":
      return objectType(embedded, name);
    case "array": {
      const items = itemSchema(schema);
      const element = items === undefined ? undefined : ruleType(items, `${name}.@idx`);
      return element === undefined ? undefined : list(element);
    }
    case "string":
      return textType(schema.format ?? "");
    case "boolean":
      return bool;
    case "number":
      return double;
    case "integer":
      return int;
    default:
      return undefined;
  }
}

function objectType(schema: JsonSchema, name: string): CelType | undefined {
  const additional = additionalSchema(schema);
  if (additional !== undefined) {
    const value = ruleType(additional, `${name}.@elem`);
    return value === undefined ? undefined : map(string, value);
  }
  const fields = new Map<string, CelType>();
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const type = ruleType(property, `${name}.${key}`);
    const field = ruleFieldName(key);
    if (type !== undefined && field !== undefined) fields.set(field, type);
  }
  return { kind: "object", name, fields };
}

function textType(format: string): CelType {
  switch (format) {
    case "byte":
      return bytes;
    case "duration":
      return duration;
    case "date":
    case "date-time":
      return timestamp;
    default:
      return string;
  }
}

/** A value as rules see it; text that its format does not allow stays text. */
export function ruleValue(schema: JsonSchema, value: JsonValue): CelValue {
  if (typeof value === "number" && schema.type === "number") return value;
  if (typeof value === "string") return textValue(schema.format ?? "", value);
  if (Array.isArray(value)) {
    const itemType = itemSchema(schema) ?? {};
    const items = value.map((item) => ruleValue(itemType, item));
    if (schema["x-kubernetes-list-type"] === "set") return setList(items);
    if (schema["x-kubernetes-list-type"] !== "map") return items;
    const keys = schema["x-kubernetes-list-map-keys"] ?? [];
    return mapList(
      items,
      keys.map((key) => ruleFieldName(key) ?? key),
    );
  }
  if (!isJsonObject(value)) return celFromJson(value, { numbers: "exact" });
  const additional = additionalSchema(schema);
  const embedded = schema["x-kubernetes-embedded-resource"] === true ? withRootFields(schema) : schema;
  const entries: [CelValue, CelValue][] = [];
  for (const [key, field] of Object.entries(value)) {
    const property = propertySchema(embedded, key);
    if (additional !== undefined) entries.push([key, ruleValue(additional, field)]);
    else if (property !== undefined) entries.push([ruleFieldName(key) ?? key, ruleValue(property, field)]);
  }
  return new CelMap(entries);
}

function textValue(format: string, value: string): CelValue {
  switch (format) {
    case "byte":
      return new Uint8Array(Buffer.from(value, "base64"));
    case "duration":
      return parseDuration(value) ?? value;
    case "date":
    case "date-time":
      try {
        return parseTimestamp(format === "date" ? `${value}T00:00:00Z` : value);
      } catch {
        return value;
      }
    default:
      return value;
  }
}
