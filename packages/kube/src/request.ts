import type { JsonObject, JsonValue } from "@package-operator/kube-yaml";
import type {
  ApplyOptions,
  DeleteOptions,
  GetOptions,
  ListOptions,
  Patch,
  WatchOptions,
  WriteOptions,
} from "./options.ts";
import type { ApiResource } from "./api-resource.ts";
import { KubeError } from "./errors.ts";
import type { ApiObject, ObjectKey } from "./object.ts";

/** HTTP methods the API server knows. */
export type HttpMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** A request as a plain value: nothing is sent until a client is given it. */
export interface KubeRequest {
  method: HttpMethod;
  /** Absolute path below the server's URL, already escaped. */
  path: string;
  query?: Record<string, string>;
  accept?: string;
  contentType?: string;
  /** Sent as JSON; a string is sent as it is. */
  body?: JsonValue;
}

const partial = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
const partialList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/** What of a resource a path names: everything, a namespace, or one object. */
interface PathOptions {
  namespace?: string | undefined;
  name?: string | undefined;
  subresource?: string | undefined;
}

/** The path of a resource; namespaces of cluster-scoped kinds are ignored, as every Kubernetes client does. */
export function resourcePath(resource: ApiResource, { namespace, name, subresource }: PathOptions): string {
  const { group, version } = resource;
  const parts = group === "" ? ["api", version] : ["apis", group, version];
  if (resource.namespaced && namespace) parts.push("namespaces", namespace);
  else if (resource.namespaced && name !== undefined) {
    throw new KubeError("InvalidRequest", `${resource.kind} "${name}" needs a namespace`);
  }
  parts.push(resource.resource);
  if (name !== undefined) {
    // An empty name would turn the request for one object into one for all of them.
    if (name === "") throw new KubeError("InvalidRequest", `${resource.kind} needs a name`);
    parts.push(name);
  }
  if (subresource) parts.push(...subresource.split("/"));
  return `/${parts.map(encodeURIComponent).join("/")}`;
}

/** Reads one object. */
export function getRequest(resource: ApiResource, key: ObjectKey, options: GetOptions = {}): KubeRequest {
  return {
    method: "GET",
    path: resourcePath(resource, key),
    query: query({ resourceVersion: options.resourceVersion }),
    ...(options.metadataOnly && { accept: partial }),
  };
}

/** Reads one page of a list; `continueToken` comes from the page before. */
export function listRequest(
  resource: ApiResource,
  options: ListOptions & { continueToken?: string | undefined },
): KubeRequest {
  const { pageSize = 500, continueToken } = options;
  return {
    method: "GET",
    path: resourcePath(resource, { namespace: options.namespace }),
    query: query({
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
      // The continue token carries the version; naming both is refused.
      resourceVersion: continueToken ? undefined : options.resourceVersion,
      limit: pageSize > 0 ? pageSize : undefined,
      continue: continueToken,
    }),
    ...(options.metadataOnly && { accept: partialList }),
  };
}

/** Opens a watch. */
export function watchRequest(resource: ApiResource, options: WatchOptions): KubeRequest {
  return {
    method: "GET",
    path: resourcePath(resource, { namespace: options.namespace }),
    query: query({
      watch: true,
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
      resourceVersion: options.resourceVersion,
      allowWatchBookmarks: options.bookmarks,
      timeoutSeconds: options.timeoutSeconds,
    }),
    ...(options.metadataOnly && { accept: partial }),
  };
}

/** Creates an object; its name may be left to `generateName`. */
export function createRequest(
  resource: ApiResource,
  object: ApiObject,
  options: WriteOptions = {},
): KubeRequest {
  const { namespace, name } = object.metadata;
  if (resource.namespaced && !namespace) {
    throw new KubeError("InvalidRequest", `${resource.kind} "${name ?? ""}" needs a namespace`);
  }
  const target = options.subresource
    ? { namespace, name: name ?? "", subresource: options.subresource }
    : { namespace };
  return {
    method: "POST",
    path: resourcePath(resource, target),
    query: writeQuery(options),
    body: jsonOf(object),
  };
}

/** Replaces an object, or one of its subresources. */
export function updateRequest(
  resource: ApiResource,
  object: ApiObject,
  options: WriteOptions = {},
): KubeRequest {
  const { namespace, name = "" } = object.metadata;
  return {
    method: "PUT",
    path: resourcePath(resource, { namespace, name, subresource: options.subresource }),
    query: writeQuery(options),
    body: jsonOf(object),
  };
}

const patchTypes = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
};

/** Changes part of an object. */
export function patchRequest(
  resource: ApiResource,
  key: ObjectKey,
  { patch, ...options }: WriteOptions & { patch: Patch },
): KubeRequest {
  return {
    method: "PATCH",
    path: resourcePath(resource, { ...key, subresource: options.subresource }),
    query: writeQuery(options),
    contentType: patchTypes[patch.type],
    body: patch.type === "json" ? patch.operations : patch.body,
  };
}

/** Server-side apply. JSON is YAML, so the body needs no YAML writer. */
export function applyRequest(resource: ApiResource, object: ApiObject, options: ApplyOptions): KubeRequest {
  const { namespace, name = "" } = object.metadata;
  return {
    method: "PATCH",
    path: resourcePath(resource, { namespace, name, subresource: options.subresource }),
    query: { ...writeQuery(options), ...(options.force && { force: "true" }) },
    contentType: "application/apply-patch+yaml",
    body: jsonOf(object),
  };
}

/** Deletes one object, or with `selector` every object it matches. */
export function deleteRequest(
  resource: ApiResource,
  target: PathOptions,
  options: DeleteOptions & { labelSelector?: string | undefined; fieldSelector?: string | undefined } = {},
): KubeRequest {
  const { preconditions } = options;
  const body: JsonObject = { apiVersion: "v1", kind: "DeleteOptions" };
  if (preconditions) {
    body.preconditions = query({ uid: preconditions.uid, resourceVersion: preconditions.resourceVersion });
  }
  if (options.propagation) body.propagationPolicy = options.propagation;
  if (options.gracePeriodSeconds !== undefined) body.gracePeriodSeconds = options.gracePeriodSeconds;
  if (options.dryRun) body.dryRun = ["All"];
  return {
    method: "DELETE",
    path: resourcePath(resource, target),
    query: query({ labelSelector: options.labelSelector, fieldSelector: options.fieldSelector }),
    body,
  };
}

function writeQuery(options: WriteOptions): Record<string, string> {
  return query({
    fieldManager: options.fieldManager,
    dryRun: options.dryRun ? "All" : undefined,
    fieldValidation: options.fieldValidation,
  });
}

function query(values: Record<string, string | number | boolean | undefined>): Record<string, string> {
  const set = Object.entries(values).filter(
    ([, value]) => value !== undefined && value !== "" && value !== false,
  );
  return Object.fromEntries(set.map(([name, value]) => [name, String(value)]));
}

/** Typed objects are JSON too; their types only lack the index signature that would say so. */
function jsonOf(object: ApiObject): JsonValue {
  return object as unknown as JsonObject;
}
