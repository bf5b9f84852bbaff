import type { JsonObject, JsonValue } from "@package-operator/kube-yaml";

export type { JsonObject, JsonValue } from "@package-operator/kube-yaml";

/** Tells a JSON object from lists, scalars and absence. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a path of object keys, undefined where the path ends early. */
export function getValue(value: JsonValue | undefined, ...path: string[]): JsonValue | undefined {
  let current = value;
  for (const key of path) {
    if (!isObject(current) || !Object.hasOwn(current, key)) return undefined;
    current = current[key];
  }
  return current;
}

/** The object at a path; undefined when there is something else or nothing. */
export function getObject(value: JsonValue | undefined, ...path: string[]): JsonObject | undefined {
  const found = getValue(value, ...path);
  return isObject(found) ? found : undefined;
}

/** The text at a path; empty when there is something else or nothing, as Go's zero value. */
export function getString(value: JsonValue | undefined, ...path: string[]): string {
  const found = getValue(value, ...path);
  return typeof found === "string" ? found : "";
}

/** The number at a path; undefined when there is something else or nothing. */
export function getNumber(value: JsonValue | undefined, ...path: string[]): number | undefined {
  const found = getValue(value, ...path);
  if (typeof found === "bigint") return Number(found);
  return typeof found === "number" ? found : undefined;
}

/** Whether the value at a path is exactly true. */
export function isTrue(value: JsonValue | undefined, ...path: string[]): boolean {
  return getValue(value, ...path) === true;
}

/** The list at a path; empty when there is something else or nothing. */
export function getList(value: JsonValue | undefined, ...path: string[]): JsonValue[] {
  const found = getValue(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The objects of the list at a path. */
export function getObjects(value: JsonValue | undefined, ...path: string[]): JsonObject[] {
  return getList(value, ...path).filter(isObject);
}

/** The texts of the list at a path. */
export function getStrings(value: JsonValue | undefined, ...path: string[]): string[] {
  return getList(value, ...path).filter((item) => typeof item === "string");
}

/** The text entries of the object at a path, such as labels. */
export function getStringMap(value: JsonValue | undefined, ...path: string[]): Record<string, string> {
  const found = getObject(value, ...path);
  if (found === undefined) return {};
  return Object.fromEntries(
    Object.entries(found).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** The object at a key, put there first when it is missing. */
export function ensureObject(parent: JsonObject, key: string): JsonObject {
  const found = parent[key];
  if (isObject(found)) return found;
  const created: JsonObject = {};
  parent[key] = created;
  return created;
}

/** `metadata` of an object, put there first when it is missing. */
export function metadataOf(object: JsonObject): JsonObject {
  return ensureObject(object, "metadata");
}

/** `metadata.name`, empty when absent. */
export function nameOf(object: JsonObject): string {
  return getString(object, "metadata", "name");
}

/** `metadata.namespace`, empty when absent. */
export function namespaceOf(object: JsonObject): string {
  return getString(object, "metadata", "namespace");
}

/** `metadata.uid`, empty when absent. */
export function uidOf(object: JsonObject): string {
  return getString(object, "metadata", "uid");
}

/** `metadata.labels` with text values. */
export function labelsOf(object: JsonObject): Record<string, string> {
  return getStringMap(object, "metadata", "labels");
}

/** A deep copy; stored objects are never changed in place. */
export function copy<T extends JsonValue>(value: T): T {
  if (Array.isArray(value)) return value.map((item) => copy(item)) as T;
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const key of Object.keys(value)) setOwn(result, key, copy(value[key] ?? null));
  return result as T;
}

/** Sets a key also when it is called `__proto__`, which a plain assignment would not store. */
export function setOwn(object: JsonObject, key: string, value: JsonValue): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  } else {
    object[key] = value;
  }
}

/** Deep equality; the order of object keys means nothing, that of lists does. */
export function equalJson(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => equalJson(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) {
    return typeof a !== typeof b && isNumeric(a) && isNumeric(b) && Number(a) === Number(b);
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && equalJson(a[key], b[key]));
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/** A scalar as text; objects and lists as JSON, absence as empty text. */
export function textOf(value: JsonValue | undefined): string {
  if (value === undefined) return "";
  return typeof value === "string"
    ? value
    : typeof value === "bigint"
      ? String(value)
      : JSON.stringify(value);
}
