import { isJsonObject, type JsonValue } from "./json-value.ts";
import type { JsonSchema } from "./json-schema.ts";
import { isInt64 } from "./validation.ts";

/** Fields of every Kubernetes object, which pruning leaves alone at the root of a resource. */
const metaFields: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"]);

/** How the root of the value is read. */
export interface PruneOptions {
  /** The root is an API object: its apiVersion, kind and metadata stay untouched. Default false. */
  readonly resourceRoot?: boolean;
}

/** Removes, in place, every field that the schema does not specify. */
export function pruneObject(
  schema: JsonSchema | undefined,
  value: JsonValue,
  options: PruneOptions = {},
): void {
  prune(
    value,
    options.resourceRoot === true ? { ...schema, "x-kubernetes-embedded-resource": true } : schema,
  );
}

/**
 * Removes, in place, nulls of properties that are neither nullable nor have a default.
 * The API server does this before defaulting, so that an explicit null means absent.
 */
export function pruneNulls(schema: JsonSchema | undefined, value: JsonValue): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    for (const item of value) pruneNulls(itemSchema(schema), item);
  } else if (isJsonObject(value)) {
    for (const [key, field] of Object.entries(value)) {
      const property = propertySchema(schema, key) ?? additionalSchema(schema);
      if (property === undefined) continue;
      if (isNonNullableNull(field, property) && hasNoDefault(property)) delete value[key];
      else pruneNulls(property, field);
    }
  }
}

/** How defaults are written. */
export interface DefaultOptions {
  /** `bigint` tells the integers of defaults from other numbers. Default `number`. */
  readonly integers?: "number" | "bigint";
}

/** Sets defaults of the schema, in place, where a property is absent or a null that is not allowed. */
export function defaultObject(
  schema: JsonSchema | undefined,
  value: JsonValue,
  options: DefaultOptions = {},
): void {
  if (schema === undefined) return;
  const defaultOf = (holder: JsonSchema | undefined): JsonValue => {
    const found = holder?.default ?? null;
    return options.integers === "bigint" ? markIntegers(found) : structuredClone(found);
  };
  if (Array.isArray(value)) {
    const items = itemSchema(schema);
    value.forEach((item, index) => {
      if (isNonNullableNull(item, items)) value[index] = defaultOf(items);
      defaultObject(items, value[index]!, options);
    });
  } else if (isJsonObject(value)) {
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      if (hasNoDefault(property)) continue;
      if (!Object.hasOwn(value, key) || isNonNullableNull(value[key]!, property)) {
        setField(value, key, defaultOf(property));
      }
    }
    const additional = additionalSchema(schema);
    for (const key of Object.keys(value)) {
      const property = propertySchema(schema, key);
      if (property !== undefined) defaultObject(property, value[key]!, options);
      else if (additional !== undefined) {
        if (isNonNullableNull(value[key]!, additional)) setField(value, key, defaultOf(additional));
        defaultObject(additional, value[key]!, options);
      }
    }
  }
}

function prune(value: JsonValue, schema: JsonSchema | undefined): void {
  if (schema?.["x-kubernetes-preserve-unknown-fields"] === true) {
    pruneSpecified(value, schema);
  } else if (Array.isArray(value)) {
    const items = schema === undefined ? undefined : itemSchema(schema);
    for (const item of value) prune(item, items);
  } else if (isJsonObject(value)) {
    for (const [key, field] of Object.entries(value)) {
      if (schema?.["x-kubernetes-embedded-resource"] === true && metaFields.has(key)) continue;
      const property = schema === undefined ? undefined : propertySchema(schema, key);
      if (property !== undefined) prune(field, property);
      else if (schema?.additionalProperties !== undefined) prune(field, additionalSchema(schema));
      else delete value[key];
    }
  }
}

/** Below a node that preserves unknown fields, only specified fields are pruned inside. */
function pruneSpecified(value: JsonValue, schema: JsonSchema | undefined): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    for (const item of value) pruneSpecified(item, itemSchema(schema));
  } else if (isJsonObject(value)) {
    for (const [key, field] of Object.entries(value)) {
      if (schema["x-kubernetes-embedded-resource"] === true && metaFields.has(key)) continue;
      const property = propertySchema(schema, key);
      if (property !== undefined) prune(field, property);
      else if (schema.additionalProperties !== undefined) prune(field, additionalSchema(schema));
    }
  }
}

/** The schema of one named property; a name such as `constructor` is not found by inheritance. */
export function propertySchema(schema: JsonSchema, key: string): JsonSchema | undefined {
  return schema.properties !== undefined && Object.hasOwn(schema.properties, key)
    ? schema.properties[key]
    : undefined;
}

/** The schema of list items; a list of schemas, which structural schemas forbid, counts as none. */
export function itemSchema(schema: JsonSchema): JsonSchema | undefined {
  return Array.isArray(schema.items) ? undefined : schema.items;
}

/** The schema of fields that are not named; absent for `additionalProperties: true` or `false`. */
export function additionalSchema(schema: JsonSchema): JsonSchema | undefined {
  return typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
}

/** Sets an own field even when it is called `__proto__`. */
function setField(object: Record<string, JsonValue>, key: string, value: JsonValue): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

function isNonNullableNull(value: JsonValue, schema: JsonSchema | undefined): boolean {
  return value === null && schema !== undefined && schema.nullable !== true;
}

/** `default: null` is the same as none. */
function hasNoDefault(schema: JsonSchema): boolean {
  return schema.default === undefined || schema.default === null;
}

/** A copy with its integers as bigint. */
function markIntegers(value: JsonValue): JsonValue {
  if (typeof value === "number") return isInt64({ double: false }, value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(markIntegers);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, markIntegers(field)]));
}
