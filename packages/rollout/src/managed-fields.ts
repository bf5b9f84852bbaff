import type { KubeObject, ManagedFieldsEntry } from "@package-operator/kube";
import { jsonEqual } from "./json-equal.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "@package-operator/schema";

/**
 * Tells whether a server-side apply of `desired` by `manager` would leave `live` as it is, without asking the server:
 * the manager owns exactly the fields of `desired` and their values are there. Where the server rewrites a value
 * (`0.5` to `500m`) the answer is a safe "no".
 */
export function isApplied(desired: KubeObject, live: KubeObject, manager: string): boolean {
  const entry = findApplyEntry(live, manager);
  if (entry?.apiVersion !== desired.apiVersion || entry.fieldsV1 === undefined) return false;
  return covers(withoutIdentity(desired), live, entry.fieldsV1);
}

/** The fields that `manager` owns in `live` by server-side apply. */
export function findApplyEntry(live: KubeObject, manager: string): ManagedFieldsEntry | undefined {
  return live.metadata.managedFields?.find(
    (entry) => entry.manager === manager && entry.operation === "Apply" && !entry.subresource,
  );
}

/** Names identify the object, and the server sets the rest; none of them are in a field set. */
function withoutIdentity(object: KubeObject): JsonObject {
  const { apiVersion: _version, kind: _kind, metadata, ...fields } = object;
  const { labels, annotations, ownerReferences, finalizers } = metadata;
  const kept = Object.entries({ labels, annotations, ownerReferences, finalizers }).filter(
    ([, value]) => value !== undefined,
  );
  return { ...fields, ...(kept.length > 0 ? { metadata: Object.fromEntries(kept) } : {}) } as JsonObject;
}

function covers(desired: JsonValue, live: unknown, owned: JsonObject): boolean {
  const children = Object.keys(owned).filter((key) => key !== ".");
  if (children.length === 0) return leafEqual(desired, live);
  if (isJsonObject(desired)) return isJsonObject(live) && coversObject(desired, live, owned, children);
  if (Array.isArray(desired)) return Array.isArray(live) && coversList(desired, live, owned, children);
  return false;
}

/** The server drops nulls and, for many types, empty containers. */
function leafEqual(desired: JsonValue, live: unknown): boolean {
  if (desired === null) return live === null || live === undefined;
  if (live === undefined && typeof desired === "object") return Object.keys(desired).length === 0;
  return jsonEqual(desired, live);
}

function coversObject(
  desired: JsonObject,
  live: JsonObject,
  owned: JsonObject,
  children: readonly string[],
): boolean {
  const keys = Object.keys(desired);
  if (keys.length !== children.length) return false;
  return keys.every((key) => {
    const fields = owned[`f:${key}`];
    return isJsonObject(fields) && covers(desired[key] ?? null, live[key], fields);
  });
}

function coversList(
  desired: readonly JsonValue[],
  live: readonly JsonValue[],
  owned: JsonObject,
  children: readonly string[],
): boolean {
  if (desired.length !== children.length) return false;
  const places: number[] = [];
  for (const item of desired) {
    const child = children.find((text) => names(text, item));
    if (child === undefined) return false;
    const place = live.findIndex((candidate) => names(child, candidate));
    const fields = owned[child];
    if (place < 0 || !isJsonObject(fields)) return false;
    if (child.startsWith("k:") && !covers(item, live[place], fields)) return false;
    places.push(place);
  }
  return places.every((place, index) => index === 0 || place > (places[index - 1] ?? -1));
}

/** Whether a path element (`k:{"name":"a"}`, `v:"a"`) names the item; a key with a server default may be absent. */
function names(element: string, item: JsonValue): boolean {
  const value = JSON.parse(element.slice(2)) as JsonValue;
  if (element.startsWith("v:")) return jsonEqual(value, item);
  if (!element.startsWith("k:") || !isJsonObject(value) || !isJsonObject(item)) return false;
  return Object.entries(value).every(([key, part]) => item[key] === undefined || jsonEqual(item[key], part));
}

/** Joins field sets. */
export function mergeFields(a: JsonObject, b: JsonObject): JsonObject {
  const merged: JsonObject = { ...a };
  for (const [key, fields] of Object.entries(b)) {
    const existing = merged[key];
    merged[key] = isJsonObject(existing) && isJsonObject(fields) ? mergeFields(existing, fields) : fields;
  }
  return merged;
}
