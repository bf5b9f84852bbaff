import { oldField } from "./correlate.ts";
import { validateEmbedded } from "./embedded-resource.ts";
import { invalid, type FieldError, type FieldErrorType } from "./field-error.ts";
import type { JsonSchema } from "./json-schema.ts";
import type { JsonObject } from "./json-value.ts";
import { validateListTypes } from "./list-types.ts";
import { propertySchema } from "./prune.ts";
import type { SchemaRules } from "./schema-rules.ts";
import { validateObject } from "./validate-value.ts";

/** What `validateCustomResource` checks an object with. */
export interface CustomResourceOptions {
  /** The compiled rules of the schema; absent when it has none. */
  readonly rules?: SchemaRules | undefined;
  /** The stored object, on update; errors that it has already, in fields that stay the same, are forgiven. */
  readonly oldObject?: JsonObject | undefined;
  /** An update of the status alone: the schema is asked about nothing else, only rules see all. Default false. */
  readonly isStatus?: boolean;
}

/** Errors after which rules could fail for the wrong reasons. */
const blocking: ReadonlySet<FieldErrorType> = new Set([
  "FieldValueNotSupported",
  "FieldValueRequired",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueTypeInvalid",
]);

/**
 * Validates a whole custom resource as the API server does: values, embedded resources, list types, then
 * rules. The object must have been pruned and defaulted; its own metadata is for `validateObjectMeta`.
 */
export function validateCustomResource(
  schema: JsonSchema,
  object: JsonObject,
  options: CustomResourceOptions = {},
): FieldError[] {
  const { oldObject } = options;
  const hadDuplicates = oldObject !== undefined && validateListTypes(schema, oldObject, "").length > 0;
  const errors = [
    ...(options.isStatus === true
      ? validateStatus(schema, object, oldObject)
      : validateWhole(schema, object, oldObject)),
    ...(hadDuplicates ? [] : validateListTypes(schema, object, "")),
  ];
  if (options.rules === undefined) return errors;
  if (errors.some(({ type }) => blocking.has(type))) {
    const detail =
      "some validation rules were not checked because the object was invalid; " +
      "correct the existing errors to complete validation";
    return [...errors, invalid("", null, detail)];
  }
  return [...errors, ...options.rules.evaluate(object, oldObject, "")];
}

function validateWhole(schema: JsonSchema, object: JsonObject, old: JsonObject | undefined): FieldError[] {
  return [...validateObject(schema, object, "", { old }), ...validateEmbedded(schema, object, "")];
}

function validateStatus(schema: JsonSchema, object: JsonObject, old: JsonObject | undefined): FieldError[] {
  const status = propertySchema(schema, "status");
  const value = oldField(object, "status");
  if (status === undefined || value === undefined) return [];
  return validateObject(status, value, "status", { old: oldField(old, "status") });
}
