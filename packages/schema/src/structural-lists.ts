import { forbidden, invalid, notSupported, required, type FieldError } from "./field-error.ts";
import type { JsonSchema } from "./json-schema.ts";
import { itemSchema, propertySchema } from "./prune.ts";

const listTypes: readonly string[] = ["atomic", "set", "map"];

/** Checks `x-kubernetes-list-type` and `x-kubernetes-list-map-keys` of one schema. */
export function validateListType(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const listType = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const type = schema.type ?? "";
  const items = itemSchema(schema);
  if (listType !== undefined && type !== "array") {
    const detail = "must be array if x-kubernetes-list-type is specified";
    errors.push(type === "" ? required(`${path}.type`, detail) : invalid(`${path}.type`, type, detail));
  } else if (listType === "set" && items !== undefined) {
    errors.push(...validateSetItems(items, `${path}.items`));
  }
  if (listType !== undefined && !listTypes.includes(listType)) {
    errors.push(notSupported(`${path}.x-kubernetes-list-type`, listType, listTypes));
  }
  if (keys.length > 0 && listType !== "map") {
    const at = `${path}.x-kubernetes-list-type`;
    const detail = "must be map if x-kubernetes-list-map-keys is non-empty";
    errors.push(listType === undefined ? required(at, detail) : invalid(at, listType, detail));
  }
  if (listType === "map") errors.push(...validateMapItems(schema, keys, path));
  if (items?.nullable === true && (listType === "map" || listType === "set")) {
    errors.push(
      forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`),
    );
  }
  if (listType === "map" && items !== undefined)
    errors.push(...validateMapKeys(items, keys, `${path}.items`));
  return errors;
}

/** Items of a set are compared as a whole, so they must be scalars or atomic. */
function validateSetItems(items: JsonSchema, path: string): FieldError[] {
  const detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
  const listType = items["x-kubernetes-list-type"];
  const mapType = items["x-kubernetes-map-type"];
  if (items.type === "array" && listType !== undefined && listType !== "atomic") {
    return [invalid(`${path}.x-kubernetes-list-type`, listType, detail)];
  }
  // The API server shows the list type of the items here, which is usually absent.
  if (items.type === "object" && mapType !== "atomic") {
    return [invalid(`${path}.x-kubernetes-map-type`, listType ?? null, detail)];
  }
  return [];
}

function validateMapItems(schema: JsonSchema, keys: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const keysPath = `${path}.x-kubernetes-list-map-keys`;
  if (keys.length === 0) {
    errors.push(required(keysPath, "must not be empty if x-kubernetes-list-type is map"));
  }
  if (schema.items === undefined) {
    errors.push(required(`${path}.items`, "must have a schema if x-kubernetes-list-type is map"));
  }
  const items = itemSchema(schema);
  if (items === undefined) return errors;
  const type = items.type ?? "";
  if (type !== "object") {
    const detail = "must be object if parent array's x-kubernetes-list-type is map";
    errors.push(invalid(`${path}.items.type`, type, detail));
    return errors;
  }
  const seen = new Set<string>();
  for (const key of keys) {
    const property = propertySchema(items, key);
    if (property === undefined) {
      errors.push(invalid(keysPath, [...keys], "entries must all be names of item properties"));
    } else if (property.type === "array" || property.type === "object") {
      const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalid(`${path}.items.properties[${key}].type`, type, detail));
    }
    if (seen.has(key)) errors.push(invalid(keysPath, [...keys], "must not contain duplicate entries"));
    seen.add(key);
  }
  return errors;
}

function validateMapKeys(items: JsonSchema, keys: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of keys) {
    const property = propertySchema(items, key);
    if (property === undefined) continue;
    const at = `${path}.properties[${key}]`;
    if (!(items.required ?? []).includes(key) && (property.default ?? null) === null) {
      const detail =
        "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
      errors.push(required(`${at}.default`, detail));
    }
    if (property.nullable === true) {
      const detail = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable";
      errors.push(forbidden(`${at}.nullable`, detail));
    }
  }
  return errors;
}
