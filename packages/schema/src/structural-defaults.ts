import { coerceEmbedded, validateEmbedded } from "./embedded-resource.ts";
import { formatFieldErrors, invalid, type FieldError } from "./field-error.ts";
import { jsonText } from "./json-text.ts";
import type { JsonSchema } from "./json-schema.ts";
import type { JsonObject, JsonValue } from "./json-value.ts";
import { itemSchema, pruneObject } from "./prune.ts";
import { floatText } from "./validation.ts";
import { validateObject } from "./validate-value.ts";

/** The resource around a part of the schema. */
interface Surroundings {
  readonly resource: JsonSchema;
  /** Inside of a field that every object has. */
  readonly insideMeta: boolean;
  /** The resource that holds a value at this place and nothing else. */
  readonly around: (value: JsonValue) => JsonValue;
}

/** Checks that every default has no unknown fields and is valid for its own schema; the root is a resource. */
export function validateDefaults(schema: JsonSchema, path: string): FieldError[] {
  return visit({ ...schema, "x-kubernetes-embedded-resource": true }, path);
}

function visit(schema: JsonSchema, path: string, outer?: Surroundings): FieldError[] {
  const isResource = schema["x-kubernetes-embedded-resource"] === true;
  const place =
    outer === undefined || isResource
      ? { resource: schema, insideMeta: false, around: (value: JsonValue): JsonValue => value }
      : outer;
  const value = schema.default;
  const errors = value === undefined || value === null ? [] : validateDefault(schema, value, path, place);
  const items = itemSchema(schema);
  if (items !== undefined) {
    errors.push(...visit(items, `${path}.items`, { ...place, around: (item) => place.around([item]) }));
  }
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const isMeta = isResource && ["metadata", "apiVersion", "kind"].includes(key);
    const below: Surroundings = {
      ...place,
      insideMeta: place.insideMeta || isMeta,
      around: (field) => place.around(Object.fromEntries([[key, field]])),
    };
    errors.push(...visit(property, `${path}.properties[${key}]`, below));
  }
  return errors;
}

function validateDefault(
  schema: JsonSchema,
  value: JsonValue,
  path: string,
  { resource, insideMeta, around }: Surroundings,
): FieldError[] {
  const at = `${path}.default`;
  if (insideMeta) {
    const whole = { apiVersion: "validation/v1", kind: "Validation", ...(around(value) as JsonObject) };
    const found = validateMeta({ ...resource, "x-kubernetes-embedded-resource": true }, whole, "");
    if (found.length > 0) {
      const detail = `must result in valid metadata: ${formatFieldErrors(found)}`;
      return [{ ...invalid(at, value, detail), ...floatText({ double: false }, value) }];
    }
    return validateObject(schema, value, at, { verbatim: true });
  }
  const errors: FieldError[] = [];
  const pruned = structuredClone(value);
  pruneObject(schema, pruned);
  if (jsonText(pruned) !== jsonText(value)) {
    errors.push(invalid(at, value, "must not have unknown fields"));
  }
  const found = validateMeta(schema, value, at);
  errors.push(...(found.length > 0 ? found : validateObject(schema, value, at, { verbatim: true })));
  return errors;
}

/** Checks what every object has, of the value and of the resources in it. */
function validateMeta(schema: JsonSchema, value: JsonValue, path: string): FieldError[] {
  const coerced = structuredClone(value);
  const errors = coerceEmbedded(schema, coerced, path);
  if (errors.length > 0) return errors.slice(0, 1);
  const found = validateEmbedded(schema, coerced, path);
  const ofWrongType = found.find(({ detail }) => detail === "must be a string");
  return ofWrongType === undefined ? found : [ofWrongType];
}
