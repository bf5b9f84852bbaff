import { invalid, type FieldError } from "./field-error.ts";
import { jsonText } from "./json-text.ts";
import type { JsonSchema } from "./json-schema.ts";
import { itemSchema, pruneObject } from "./prune.ts";
import { validateObject } from "./validate-value.ts";

/** Checks that every default has no unknown fields and is valid for its own schema. */
export function validateDefaults(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const value = schema.default;
  if (value !== undefined && value !== null) {
    const pruned = structuredClone(value);
    pruneObject(schema, pruned);
    if (jsonText(pruned) !== jsonText(value)) {
      errors.push(invalid(`${path}.default`, value, "must not have unknown fields"));
    }
    errors.push(...validateObject(schema, value, `${path}.default`));
  }
  const items = itemSchema(schema);
  if (items !== undefined) errors.push(...validateDefaults(items, `${path}.items`));
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    errors.push(...validateDefaults(property, `${path}.properties[${key}]`));
  }
  return errors;
}
