import type { JsonObject, JsonValue } from "@package-operator/kube-yaml";

/** An owner entry of `metadata.ownerReferences`. */
export type OwnerReference = {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
};

/** An entry of `metadata.managedFields`; `fieldsV1` is the field set in its JSON form. */
export type ManagedFieldsEntry = {
  manager?: string;
  operation?: string;
  apiVersion?: string;
  time?: string;
  fieldsType?: string;
  fieldsV1?: JsonObject;
  subresource?: string;
};

/** Object metadata as the API server writes it; everything is optional because users write part of it. */
export type ObjectMeta = {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string | null;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: ManagedFieldsEntry[];
};

/** What every API object has; typed custom resources satisfy it without an index signature. */
export interface ApiObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** Any API object as plain JSON. Integers a double cannot hold exactly are bigints. */
export interface KubeObject extends ApiObject {
  [field: string]: JsonValue | undefined;
}

/** A kind in a version, the way objects themselves write it. An object can be passed where this is wanted. */
export interface KindRef {
  apiVersion: string;
  kind: string;
}

/** Names one object of one kind. `namespace` is ignored for cluster-scoped kinds. */
export interface ObjectRef extends KindRef {
  name: string;
  namespace?: string | undefined;
}

/** Namespace and name; the identity of an object within its kind. */
export interface ObjectKey {
  namespace?: string | undefined;
  name: string;
}

/** A list answer: `resourceVersion` is where a watch can go on from. */
export interface ObjectList<T> {
  items: T[];
  resourceVersion: string;
}

/** The reference that names `object`; fails nowhere, an unnamed object gives an empty name. */
export function refOf(object: ApiObject): ObjectRef {
  const { name = "", namespace } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, name, namespace };
}

/** Splits `apps/v1` into group and version; the core group is the empty string. */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf("/");
  if (slash < 0) return { group: "", version: apiVersion };
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** Joins group and version into an `apiVersion`. */
export function formatApiVersion(group: string, version: string): string {
  return group === "" ? version : `${group}/${version}`;
}

/** A kind in Go's spelling, `apps/v1, Kind=Deployment`, as upstream's metrics and messages have it. */
export function formatKind(kind: KindRef): string {
  const { group, version } = parseApiVersion(kind.apiVersion);
  return `${group}/${version}, Kind=${kind.kind}`;
}

/** `namespace/name`, or `name` alone without a namespace: the text used as key of stores and queues. */
export function formatKey(key: ObjectKey): string {
  return key.namespace ? `${key.namespace}/${key.name}` : key.name;
}

/** The reverse of {@link formatKey}. */
export function parseKey(text: string): ObjectKey {
  const slash = text.indexOf("/");
  return slash < 0 ? { name: text } : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

/** The key of an object: {@link formatKey} of its metadata. */
export function keyOf(object: ApiObject): string {
  return formatKey({ namespace: object.metadata.namespace, name: object.metadata.name ?? "" });
}
