import { isUnchanged, oldField, oldItems } from "./correlate.ts";
import { SchemaError } from "./errors.ts";
import { invalid, notSupported, required, tooLong, tooMany, type FieldError } from "./field-error.ts";
import { checkFormat, isKnownFormat } from "./formats.ts";
import { goQuote } from "./go-quote.ts";
import { jsonText } from "./json-text.ts";
import type { JsonSchema } from "./json-schema.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json-value.ts";
import { validateJunctors } from "./validate-junctors.ts";
import { validateNumber } from "./validate-number.ts";
import { declared, fieldPath, invalidValue, type Validation } from "./validation.ts";
import { addError, mergeResult, newResult, type SchemaResult } from "./schema-result.ts";
import { additionalSchema, itemSchema, propertySchema } from "./prune.ts";
import { compileRegex } from "./regex.ts";

/** How values are read. */
export interface ValidateOptions {
  /**
   * `exact`: integral numbers are integers, as in API objects. `double`: every number is a float64,
   * as in a configuration decoded by `encoding/json`, which changes some texts. Default `exact`.
   */
  readonly numbers?: "exact" | "double";
  /** The value that is replaced: what did not change is not held against the new one. */
  readonly old?: JsonValue | undefined;
}

/**
 * Validates a value against a schema, giving the API server's field errors. The value should have
 * been pruned and defaulted before; `x-kubernetes-validations` and list types have their own functions.
 *
 * @param path Field path of the root, such as `spec.config`; empty for whole objects.
 * @throws SchemaError `invalid-schema` when the schema cannot be used at all.
 */
export function validateObject(
  schema: JsonSchema,
  value: JsonValue,
  path: string,
  options: ValidateOptions = {},
): FieldError[] {
  assertUsable(schema);
  const validation: Validation = { root: path, double: options.numbers === "double" };
  return [...validateUpdate(validation, schema, { value, old: options.old, name: "" }).errors.values()];
}

/** One value at its path below the root, which is in the validator's own notation. */
interface Place {
  readonly value: JsonValue;
  /** The value that was there before; undefined where there is none to compare with. */
  readonly old: JsonValue | undefined;
  readonly name: string;
}

/** Validates a value, and forgets what was found if it is as it was. */
function validateUpdate(validation: Validation, schema: JsonSchema, place: Place): SchemaResult {
  const result = validateValue(validation, schema, place);
  const isForgiven = result.errors.size > 0 && isUnchanged(schema, place.value, place.old);
  return isForgiven ? newResult() : result;
}

function validateValue(validation: Validation, schema: JsonSchema, place: Place): SchemaResult {
  const { value, name } = place;
  const total = newResult();
  const run = (result: SchemaResult): void => mergeResult(total, result);
  if (value === null) {
    run(validateType(validation, schema, value, name));
    run(validateEnum(validation, schema, value, name));
    return total;
  }
  const step = (result: SchemaResult): void => {
    run(result);
    total.matches++;
  };
  const { types, format } = declared(schema);
  if (types.length > 0 || format !== "") step(validateType(validation, schema, value, name));
  step(
    // Branches know nothing of old values.
    validateJunctors(schema, name, validation.root, (branch) =>
      validateValue(validation, branch, { value, old: undefined, name }),
    ),
  );
  if (typeof value === "string") {
    step(validateString(validation, schema, value, name));
    if (isKnownFormat(format)) step(validateFormat(validation, format, value, name));
  }
  if (typeof value === "number" || typeof value === "bigint") {
    step(validateNumber(validation, schema, value, name));
  }
  if (Array.isArray(value)) step(validateList(validation, schema, { ...place, value }));
  step(validateEnum(validation, schema, value, name));
  if (isJsonObject(value)) step(validateMap(validation, schema, { ...place, value }));
  total.matches++;
  return total;
}

function assertUsable(schema: JsonSchema): void {
  if (Array.isArray(schema.items)) {
    throw new SchemaError("invalid-schema", "OpenAPIV3Schema 'items' must be a schema, but is an array");
  }
  const nested = [
    ...Object.values(schema.properties ?? {}),
    itemSchema(schema),
    additionalSchema(schema),
    schema.not,
    ...(schema.allOf ?? []),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
  ];
  for (const child of nested) if (child !== undefined) assertUsable(child);
}

function typeError(validation: Validation, name: string, expected: string, actual: string): SchemaResult {
  const detail = `${name} in body must be of type ${expected}: ${goQuote(actual)}`;
  return newResult({
    type: "FieldValueTypeInvalid",
    path: fieldPath(validation, name),
    badValue: actual,
    detail,
  });
}

function validateType(
  validation: Validation,
  schema: JsonSchema,
  value: JsonValue,
  name: string,
): SchemaResult {
  const passed: SchemaResult = { errors: new Map(), matches: 1 };
  const { types, format } = declared(schema);
  if (value === null) {
    if (types.length === 0 || schema.nullable === true) return passed;
    return typeError(validation, name, types.join(","), "null");
  }
  const { type, format: actual, integral } = describe(validation, value);
  const fitsNumber =
    types.includes(type) ||
    (type === "number" && integral && types.includes("integer")) ||
    (type === "integer" && types.includes("number"));
  const textual = typeof value === "string" || Array.isArray(value);
  if (!textual && format !== "" && !fitsNumber) {
    const narrowed =
      (format === "int32" && actual === "int64") || (format === "float32" && actual === "float64");
    if (format !== actual && !narrowed) return typeError(validation, name, format, actual);
  }
  // Text and lists with a format are left to the check of the format.
  if (textual && format !== "" && !types.includes("number") && !types.includes("integer")) return passed;
  return fitsNumber ? passed : typeError(validation, name, types.join(","), type);
}

interface ValueType {
  readonly type: string;
  readonly format: string;
  /** Whether a number could be an integer; true only within 53 bits. */
  readonly integral: boolean;
}

function describe({ double }: Validation, value: JsonValue): ValueType {
  if (typeof value === "boolean") return { type: "boolean", format: "", integral: false };
  if (typeof value === "string") return { type: "string", format: "", integral: false };
  if (Array.isArray(value)) return { type: "array", format: "", integral: false };
  if (typeof value === "bigint") return { type: "integer", format: "int64", integral: true };
  if (typeof value !== "number") return { type: "object", format: "", integral: false };
  const integral = Number.isSafeInteger(value);
  if (!double && Number.isInteger(value) && Math.abs(value) < 2 ** 63) {
    return { type: "integer", format: "int64", integral: true };
  }
  return { type: "number", format: "float64", integral };
}

function validateString(
  validation: Validation,
  schema: JsonSchema,
  value: string,
  name: string,
): SchemaResult {
  const length = Array.from(value).length;
  const { maxLength, minLength, pattern } = schema;
  if (maxLength !== undefined && length > maxLength) {
    return newResult(tooLong(fieldPath(validation, name), maxLength));
  }
  if (minLength !== undefined && length < minLength) {
    return newResult(invalidValue(validation, name, value, `should be at least ${minLength} chars long`));
  }
  if (pattern !== undefined && pattern !== "") {
    try {
      if (!compileRegex(pattern).test(value)) {
        return newResult(invalidValue(validation, name, value, `should match '${pattern}'`));
      }
    } catch (error) {
      const rule = `should match '${pattern}, but pattern is invalid: ${(error as Error).message}'`;
      return newResult(invalidValue(validation, name, value, rule));
    }
  }
  return newResult();
}

function validateFormat(validation: Validation, format: string, value: string, name: string): SchemaResult {
  if (checkFormat(format, value)) return newResult();
  return typeError(validation, name, format, value);
}

function validateList(
  validation: Validation,
  schema: JsonSchema,
  { value, old, name }: Place & { readonly value: readonly JsonValue[] },
): SchemaResult {
  const result = newResult();
  const items = itemSchema(schema);
  if (items !== undefined) {
    const before = oldItems(schema, old);
    for (const [index, item] of value.entries()) {
      const place = { value: item, old: before(item), name: `${name}[${index}]` };
      mergeResult(result, validateUpdate(validation, items, place));
    }
  }
  const { minItems, maxItems } = schema;
  if (minItems !== undefined && value.length < minItems) {
    addError(result, invalidValue(validation, name, value.length, `should have at least ${minItems} items`));
  }
  if (maxItems !== undefined && value.length > maxItems) {
    addError(result, tooMany(fieldPath(validation, name), value.length, maxItems));
  }
  if (schema.uniqueItems === true && new Set(value.map(jsonText)).size < value.length) {
    addError(
      result,
      invalid(fieldPath(validation, name), "", `${name} in body shouldn't contain duplicates`),
    );
  }
  result.matches++;
  return result;
}

function validateMap(
  validation: Validation,
  schema: JsonSchema,
  { value, old, name }: Place & { readonly value: JsonObject },
): SchemaResult {
  const count = Object.keys(value).length;
  const { minProperties, maxProperties } = schema;
  if (minProperties !== undefined && count < minProperties) {
    return newResult(
      invalidValue(validation, name, count, `should have at least ${minProperties} properties`),
    );
  }
  if (maxProperties !== undefined && count > maxProperties) {
    return newResult(tooMany(fieldPath(validation, name), count, maxProperties));
  }
  const result = newResult();
  const additional = additionalSchema(schema);
  for (const [key, field] of Object.entries(value)) {
    const property = propertySchema(schema, key);
    // The API server cannot see a change of these.
    const isTyping = name === "" && (key === "apiVersion" || key === "kind");
    const below = { value: field, old: isTyping ? undefined : oldField(old, key) };
    if (property !== undefined) {
      const place = { ...below, name: name === "" ? key : `${name}.${key}` };
      mergeResult(result, validateUpdate(validation, property, place));
    } else if (additional !== undefined) {
      mergeResult(result, validateUpdate(validation, additional, { ...below, name: `${name}.${key}` }));
    } else if (schema.additionalProperties === false) {
      const detail = `${name}.${key} in body is a forbidden property`;
      addError(result, invalid(fieldPath(validation, name), key, detail));
    }
  }
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(value, key)) addError(result, required(fieldPath(validation, `${name}.${key}`)));
  }
  return result;
}

function validateEnum(
  validation: Validation,
  schema: JsonSchema,
  value: JsonValue,
  name: string,
): SchemaResult {
  const allowed = schema.enum ?? [];
  if (allowed.length === 0 || allowed.some((item) => equalsEnum(validation, item, value))) return newResult();
  const supported = allowed.map((item) => (typeof item === "string" ? item : jsonText(item)));
  return newResult(notSupported(fieldPath(validation, name), value, supported));
}

/** Go converts the value to the type of the enumerated one first, which cuts a fraction; null never matches. */
function equalsEnum({ double }: Validation, allowed: JsonValue, value: JsonValue): boolean {
  if (allowed === null || value === null) return false;
  if (isNumber(allowed) && isNumber(value)) {
    const comparable = Number.isInteger(Number(allowed)) ? Math.trunc(Number(value)) : Number(value);
    return Number(allowed) === comparable;
  }
  if (typeof allowed !== typeof value || Array.isArray(allowed) !== Array.isArray(value)) return false;
  // Nested integers of an enumeration are never equal to doubles.
  if (double && typeof allowed === "object" && containsInteger(allowed)) return false;
  return jsonText(allowed) === jsonText(value);
}

function containsInteger(value: JsonValue): boolean {
  if (typeof value === "bigint" || typeof value === "number") return Number.isInteger(Number(value));
  return typeof value === "object" && value !== null && Object.values(value).some(containsInteger);
}

function isNumber(value: JsonValue): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}
