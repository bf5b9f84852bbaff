import { forbidden, invalid, notSupported, required, type FieldError } from "./field-error.ts";
import type { JsonSchema } from "./json-schema.ts";
import { additionalSchema, itemSchema } from "./prune.ts";
import { validateListType } from "./structural-lists.ts";

const types: readonly string[] = ["array", "boolean", "integer", "number", "object", "string"];

/** Whether and why defaults are forbidden in a part of the schema. */
interface Place {
  readonly root: boolean;
  /** Set below the fields that every object has. */
  readonly noDefaults?: string;
  readonly insideMeta?: boolean;
}

/** Checks every (sub)schema for forbidden keywords, types, list and map types. */
export function validateKeywords(
  schema: JsonSchema,
  path: string,
  place: Place = { root: true },
): FieldError[] {
  const errors = [
    ...validateForbidden(schema, path, place),
    ...validateMapType(schema, path),
    ...validateListType(schema, path),
  ];
  const additional = additionalSchema(schema);
  const embedded = schema["x-kubernetes-embedded-resource"] === true;
  const inner: Place = { ...place, root: false };
  if (additional !== undefined) {
    const below =
      place.insideMeta === true
        ? { ...inner, noDefaults: "inside additionalProperties applying to object metadata" }
        : inner;
    errors.push(...validateKeywords(additional, `${path}.additionalProperties`, below));
  }
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const meta = (place.root || embedded) && ["apiVersion", "kind", "metadata"].includes(key);
    const below = {
      ...inner,
      ...(meta ? { insideMeta: true } : {}),
      ...(meta && place.root ? { noDefaults: `in top-level ${key}` } : {}),
    };
    errors.push(...validateKeywords(property, `${path}.properties[${key}]`, below));
  }
  for (const [segment, child] of otherChildren(schema)) {
    errors.push(...validateKeywords(child, `${path}.${segment}`, inner));
  }
  return errors;
}

function otherChildren(schema: JsonSchema): [segment: string, schema: JsonSchema][] {
  const children: [string, JsonSchema][] = [];
  const items = itemSchema(schema);
  if (items !== undefined) children.push(["items", items]);
  else if (Array.isArray(schema.items)) {
    schema.items.forEach((child, index) => children.push([`items[${index}]`, child]));
  }
  for (const key of ["allOf", "anyOf", "oneOf"] as const) {
    (schema[key] ?? []).forEach((child, index) => children.push([`${key}[${index}]`, child]));
  }
  if (schema.not !== undefined) children.push(["not", schema.not]);
  for (const [key, child] of Object.entries(schema.definitions ?? {}))
    children.push([`definitions[${key}]`, child]);
  return children;
}

function validateForbidden(schema: JsonSchema, path: string, place: Place): FieldError[] {
  const errors: FieldError[] = [];
  const forbid = (key: string, detail: string): void => void errors.push(forbidden(`${path}.${key}`, detail));
  const type = schema.type ?? "";
  if (type !== "" && !types.includes(type)) errors.push(notSupported(`${path}.type`, type, types));
  if (type === "null") forbid("type", "type cannot be set to null, use nullable as an alternative");
  if (schema.default !== undefined && schema.default !== null && place.noDefaults !== undefined) {
    forbid("default", `must not be set ${place.noDefaults}`);
  }
  if ((schema.id ?? "") !== "") forbid("id", "id is not supported");
  if (schema.$ref !== undefined) forbid("$ref", "$ref is not supported");
  if (schema.additionalItems !== undefined) forbid("additionalItems", "additionalItems is not supported");
  if (!isEmpty(schema.patternProperties)) forbid("patternProperties", "patternProperties is not supported");
  if (!isEmpty(schema.definitions)) forbid("definitions", "definitions is not supported");
  if (schema.dependencies !== undefined) forbid("dependencies", "dependencies is not supported");
  if (Array.isArray(schema.items)) forbid("items", "items must be a schema object and not an array");
  if (schema.uniqueItems === true) {
    forbid("uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
  }
  if (place.insideMeta === true && schema["x-kubernetes-embedded-resource"] === true) {
    forbid("x-kubernetes-embedded-resource", "must not be used inside of resource meta");
  }
  const { additionalProperties } = schema;
  if (!isEmpty(schema.properties) && additionalProperties !== undefined && additionalProperties !== true) {
    forbid("additionalProperties", "additionalProperties and properties are mutual exclusive");
  }
  if (schema["x-kubernetes-preserve-unknown-fields"] === false) {
    errors.push(invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, "must be true or undefined"));
  }
  return errors;
}

function validateMapType(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const mapType = schema["x-kubernetes-map-type"];
  if (mapType === undefined) return errors;
  const detail = "must be object if x-kubernetes-map-type is specified";
  const type = schema.type ?? "";
  if (type === "") errors.push(required(`${path}.type`, detail));
  else if (type !== "object") errors.push(invalid(`${path}.type`, type, detail));
  if (mapType !== "atomic" && mapType !== "granular") {
    errors.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ["atomic", "granular"]));
  }
  return errors;
}

function isEmpty(record: object | undefined): boolean {
  return record === undefined || Object.keys(record).length === 0;
}
