import { isUnchanged, oldField, oldItems } from "./correlate.ts";
import { SchemaError } from "./errors.ts";
import { unsupportedReason } from "./structural-form.ts";
import { invalid, notSupported, required, tooLong, tooMany, type FieldError } from "./field-error.ts";
import { checkFormat, isKnownFormat } from "./formats.ts";
import { goQuote } from "./go-quote.ts";
import { jsonText } from "./json-text.ts";
import type { JsonSchema } from "./json-schema.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json-value.ts";
import { validateJunctors } from "./validate-junctors.ts";
import { validateNumber } from "./validate-number.ts";
import { declared, fieldPath, floatText, invalidValue, isInt64, type Validation } from "./validation.ts";
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
  /** The schema is taken as it is written, as for its own defaults. Default false. */
  readonly verbatim?: boolean;
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
  const unsupported = unsupportedReason(schema);
  if (unsupported !== undefined) throw new SchemaError("invalid-schema", unsupported);
  const { numbers, verbatim = false } = options;
  const validation: Validation = { root: path, double: numbers === "double", verbatim };
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
  const { types, format } = declared(schema, validation);
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
  const { types, format } = declared(schema, validation);
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
    if (format !== actual) return typeError(validation, name, format, actual);
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

function describe(validation: Validation, value: JsonValue): ValueType {
  if (typeof value === "boolean") return { type: "boolean", format: "", integral: false };
  if (typeof value === "string") return { type: "string", format: "", integral: false };
  if (Array.isArray(value)) return { type: "array", format: "", integral: false };
  if (typeof value === "bigint") return { type: "integer", format: "int64", integral: true };
  if (typeof value !== "number") return { type: "object", format: "", integral: false };
  const integral = Number.isSafeInteger(value);
  if (isInt64(validation, value)) {
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
    const detail = `${name} in body should have at least ${minItems} items`;
    addError(result, invalid(fieldPath(validation, name), value.length, detail));
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
  const result = newResult();
  const count = Object.keys(value).length;
  const { minProperties, maxProperties } = schema;
  if (minProperties !== undefined && count < minProperties) {
    const detail = `${name} in body should have at least ${minProperties} properties`;
    addError(result, invalid(fieldPath(validation, name), count, detail));
  }
  if (maxProperties !== undefined && count > maxProperties) {
    addError(result, tooMany(fieldPath(validation, name), count, maxProperties));
  }
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
  const error = notSupported(fieldPath(validation, name), value, supported);
  return newResult({ ...error, ...floatText(validation, value) });
}

/** Go converts the value to the type of the enumerated one first, which cuts a fraction; null never matches. */
function equalsEnum(validation: Validation, allowed: JsonValue, value: JsonValue): boolean {
  if (allowed === null || value === null) return false;
  if (isNumber(allowed) && isNumber(value)) {
    const comparable = isInt64(exact, allowed) ? Math.trunc(Number(value)) : Number(value);
    return Number(allowed) === comparable;
  }
  return equalsTyped(validation, allowed, value);
}

const exact = { double: false };

/** Equality as Go has it: an integer of the schema is never equal to a float64. */
function equalsTyped(validation: Validation, allowed: JsonValue, value: JsonValue): boolean {
  if (isNumber(allowed) && isNumber(value)) {
    return isInt64(exact, allowed) === isInt64(validation, value) && Number(allowed) === Number(value);
  }
  if (typeof allowed !== "object" || typeof value !== "object" || allowed === null || value === null) {
    return allowed === value;
  }
  if (Array.isArray(allowed) !== Array.isArray(value)) return false;
  const [left, right] = [allowed, value] as [JsonObject, JsonObject];
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && equalsTyped(validation, left[key]!, right[key]!))
  );
}

function isNumber(value: JsonValue): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}
