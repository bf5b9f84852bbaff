import type { FieldError } from "./field-error.ts";
import type { JsonSchema } from "./json-schema.ts";
import type { JsonObject, JsonValue } from "./json-value.ts";
import { defaultObject, pruneObject } from "./prune.ts";
import { validateObject } from "./validate-value.ts";

/** Turns integers of defaults into numbers again, in place. */
function unmarkIntegers(value: JsonValue): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === "bigint" && BigInt(Number(item)) === item) {
      (value as JsonObject)[key] = Number(item);
    } else unmarkIntegers(item);
  }
}

/**
 * Admits a package configuration: prunes, defaults (both in place) and validates it.
 * Without a schema everything is removed. Every number counts as a float64 unless it comes from a default, and the root is
 * treated like an API object, whose apiVersion, kind and metadata are never pruned.
 *
 * @param path Field path of the configuration, such as `spec.config`.
 * @throws SchemaError `invalid-schema` when the schema cannot be used at all.
 */
export function admitObject(schema: JsonSchema | undefined, value: JsonObject, path: string): FieldError[] {
  if (schema === undefined) {
    for (const key of Object.keys(value)) delete value[key];
    return [];
  }
  pruneObject(schema, value, { resourceRoot: true });
  defaultObject(schema, value, { integers: "bigint" });
  try {
    return validateObject(schema, value, path, { numbers: "double" });
  } finally {
    unmarkIntegers(value);
  }
}
