import { invalid, required, type FieldError } from "./field-error.ts";
import type { JsonSchema } from "./json-schema.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json-value.ts";
import { validateObjectMeta } from "./metadata.ts";
import { isDns1035Label } from "./names.ts";
import { objectMetaSchema } from "./object-meta-schema.ts";
import { additionalSchema, itemSchema, propertySchema, pruneNulls, pruneObject } from "./prune.ts";
import { floatText } from "./validation.ts";
import { validateObject } from "./validate-value.ts";

/**
 * Brings the metadata of every embedded resource into the form of ObjectMeta, in place: unknown fields and
 * nulls go.
 *
 * @returns Errors for fields of a wrong type, which the API server answers with 400.
 */
export function coerceEmbedded(schema: JsonSchema, value: JsonValue, path: string): FieldError[] {
  return visit(schema, value, path, (resource, at) => {
    const metadata = resource["metadata"];
    return metadata === undefined ? [] : coerceObjectMeta(metadata, childPath(at, "metadata"));
  });
}

/** Brings one metadata into the form of ObjectMeta, in place; the same for the root of an object. */
export function coerceObjectMeta(metadata: JsonValue, path: string): FieldError[] {
  pruneObject(objectMetaSchema, metadata);
  pruneNulls(objectMetaSchema, metadata);
  return validateObject(objectMetaSchema, metadata, path);
}

/** Checks apiVersion, kind and metadata of every embedded resource. */
export function validateEmbedded(schema: JsonSchema, value: JsonValue, path: string): FieldError[] {
  return visit(schema, value, path, (resource, at) => [
    ...validateApiVersion(resource["apiVersion"], childPath(at, "apiVersion")),
    ...validateKind(resource["kind"], childPath(at, "kind")),
    ...validateMetadata(resource["metadata"], childPath(at, "metadata")),
  ]);
}

function validateApiVersion(value: JsonValue | undefined, path: string): FieldError[] {
  if (value === undefined) return [required(path)];
  if (typeof value !== "string") return [notText(path, value)];
  if (value === "") return [invalid(path, value, "must not be empty")];
  return value.split("/").length > 2
    ? [invalid(path, value, `unexpected GroupVersion string: ${value}`)]
    : [];
}

function notText(path: string, value: JsonValue): FieldError {
  return { ...invalid(path, value, "must be a string"), ...floatText({ double: false }, value) };
}

function validateKind(value: JsonValue | undefined, path: string): FieldError[] {
  if (value === undefined) return [required(path)];
  if (typeof value !== "string") return [notText(path, value)];
  if (value === "") return [invalid(path, value, "must not be empty")];
  const complaints = isDns1035Label(value.toLowerCase());
  if (complaints.length === 0) return [];
  return [invalid(path, value, `may have mixed case, but should otherwise match: ${complaints.join(",")}`)];
}

function validateMetadata(value: JsonValue | undefined, path: string): FieldError[] {
  if (!isJsonObject(value)) return [];
  const { name, namespace } = value;
  // An embedded object may be named later.
  const named = name === undefined || name === "" ? { ...value, name: "fakename" } : value;
  return validateObjectMeta(named, path, {
    namespaced: typeof namespace === "string" && namespace !== "",
    validateName: isPathSegment,
  });
}

function isPathSegment(name: string): string[] {
  if (name === "." || name === "..") return [`may not be '${name}'`];
  return ["/", "%"].filter((char) => name.includes(char)).map((char) => `may not contain '${char}'`);
}

function childPath(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function visit(
  schema: JsonSchema,
  value: JsonValue,
  path: string,
  check: (resource: JsonObject, path: string) => FieldError[],
): FieldError[] {
  if (Array.isArray(value)) {
    const items = itemSchema(schema);
    if (items === undefined) return [];
    return value.flatMap((item, index) => visit(items, item, `${path}[${index}]`, check));
  }
  if (!isJsonObject(value)) return [];
  const errors = schema["x-kubernetes-embedded-resource"] === true ? check(value, path) : [];
  const additional = additionalSchema(schema);
  for (const [key, field] of Object.entries(value)) {
    const property = propertySchema(schema, key);
    if (property !== undefined) errors.push(...visit(property, field, childPath(path, key), check));
    else if (additional !== undefined) errors.push(...visit(additional, field, `${path}[${key}]`, check));
  }
  return errors;
}
