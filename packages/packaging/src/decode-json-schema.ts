import { isJsonObject, type JsonValue } from "@package-operator/kube-yaml";
import type { JsonSchema, ValidationRule } from "@package-operator/schema";
import { PackageError } from "./errors.ts";
import {
  type Decoder,
  flag,
  integer,
  lazy,
  listOf,
  mapOf,
  number,
  optional,
  struct,
  text,
} from "./go-struct.ts";

const type = "v1.JSONSchemaProps";

/** JSONSchemaProps of apiextensions.k8s.io/v1: what has the wrong type is found here, not while schemas are used. */
export const jsonSchema: Decoder<JsonSchema> = lazy(type, () => props);

const rule: Decoder<ValidationRule> = struct<ValidationRule>("v1.ValidationRule", {
  rule: optional(text),
  message: optional(text),
  messageExpression: optional(text),
  reason: optional(text),
  fieldPath: optional(text),
  optionalOldSelf: optional(flag),
});

/** Any value; of a default null counts as absent, in a list it is a value. */
const json: Decoder<JsonValue> = { type: "v1.JSON", decode: (value) => value ?? null };

const schemaOrList: Decoder<JsonSchema | JsonSchema[] | undefined> = {
  type: "v1.JSONSchemaPropsOrArray",
  decode(value, place) {
    if (Array.isArray(value)) return value.map((item) => jsonSchema.decode(item, place));
    return isJsonObject(value) ? jsonSchema.decode(value, place) : undefined;
  },
};

const schemaOrFlag: Decoder<JsonSchema | boolean | undefined> = {
  type: "v1.JSONSchemaPropsOrBool",
  decode(value, place) {
    if (value === undefined || value === null) return undefined;
    if (typeof value === "boolean") return value;
    if (isJsonObject(value)) return jsonSchema.decode(value, place);
    throw new PackageError(
      "fields",
      "error unmarshaling JSON: while decoding JSON: boolean or JSON schema expected",
    );
  },
};

const schemaOrTexts: Decoder<JsonSchema | string[]> = {
  type: "v1.JSONSchemaPropsOrStringArray",
  decode(value, place) {
    return Array.isArray(value) ? mutable(text).decode(value, place) : jsonSchema.decode(value, place);
  },
};

/** The schema package's lists may be changed; these are fresh. */
function mutable<T>(element: Decoder<T>): Decoder<T[]> {
  const list = listOf(element);
  return { type: list.type, decode: (value, place) => [...list.decode(value, place)] };
}

const list = <T>(element: Decoder<T>): Decoder<T[] | undefined> => optional(mutable(element));
const map = <T>(element: Decoder<T>): Decoder<Record<string, T> | undefined> => {
  const entries = mapOf(element);
  return { type: entries.type, decode: (value, place) => entries.decode(value, place) };
};

const props: Decoder<JsonSchema> = struct<JsonSchema>(type, {
  id: optional(text),
  $schema: optional(text),
  $ref: optional(text),
  description: optional(text),
  type: optional(text),
  nullable: optional(flag),
  format: optional(text),
  title: optional(text),
  default: optional(json),
  maximum: optional(number),
  exclusiveMaximum: optional(flag),
  minimum: optional(number),
  exclusiveMinimum: optional(flag),
  maxLength: optional(integer),
  minLength: optional(integer),
  pattern: optional(text),
  maxItems: optional(integer),
  minItems: optional(integer),
  uniqueItems: optional(flag),
  multipleOf: optional(number),
  enum: list(json),
  maxProperties: optional(integer),
  minProperties: optional(integer),
  required: list(text),
  items: schemaOrList,
  allOf: list(jsonSchema),
  oneOf: list(jsonSchema),
  anyOf: list(jsonSchema),
  not: optional(jsonSchema),
  properties: map(jsonSchema),
  additionalProperties: schemaOrFlag,
  patternProperties: map(jsonSchema),
  dependencies: map(schemaOrTexts),
  additionalItems: schemaOrFlag,
  definitions: map(jsonSchema),
  "x-kubernetes-preserve-unknown-fields": optional(flag),
  "x-kubernetes-embedded-resource": optional(flag),
  "x-kubernetes-int-or-string": optional(flag),
  "x-kubernetes-list-map-keys": list(text),
  "x-kubernetes-list-type": optional(text),
  "x-kubernetes-map-type": optional(text),
  "x-kubernetes-validations": list(rule),
});
