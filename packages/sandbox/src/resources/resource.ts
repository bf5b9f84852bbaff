import type { JsonSchema } from "@package-operator/schema";
import type { JsonObject } from "../json.ts";
import type { TypeSchema } from "../fields/type-schema.ts";
import type { Strategy } from "./strategy.ts";

/** A column of `kubectl get`, with how to fill its cell. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 0 is always shown, above only with `-o wide`. */
  readonly priority: number;
}

/** Where a custom resource keeps what `Scale` shows; simple dotted paths. */
export interface ScalePaths {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

/** A subresource as discovery lists it. */
export interface Subresource {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** One served resource in one version: what requests, discovery, OpenAPI and the merge engine need to know of it. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly Subresource[];
  readonly scale?: ScalePaths;
  /** `apiVersion` under which objects are stored; versions differ in nothing but the schema. */
  readonly storageApiVersion: string;
  /** Whether versions differ in more than their name, so that only the stored one can be served. */
  readonly webhookConversion?: boolean;
  /** How fields merge and who can own them. */
  readonly type: TypeSchema;
  /** Whether the schema came with a custom resource: free-form JSON semantics instead of Go's. */
  readonly custom: boolean;
  /** Schema of a custom resource version, for validation, defaults and pruning. */
  readonly schema?: JsonSchema;
  /** Name of the OpenAPI definition. */
  readonly definition: string;
  /** Warning for every request, when the version is deprecated. */
  readonly deprecation?: string;
  readonly columns: readonly Column[];
  /** Cells of one object, in the order of `columns`; `now` in milliseconds. */
  readonly cells: (object: JsonObject, now: number) => (string | number | boolean | null)[];
  readonly strategy: Strategy;
}

/** `group/plural`: the collection of a resource in the store, the same for all its versions. */
export function collectionOf(resource: { readonly group: string; readonly plural: string }): string {
  return `${resource.group}/${resource.plural}`;
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(resource: { readonly group: string; readonly version: string }): string {
  return resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
}

/** Whether discovery lists a subresource. */
export function hasSubresource(resource: Resource, name: string): boolean {
  return resource.subresources.some((subresource) => subresource.name === name);
}
