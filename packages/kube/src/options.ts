import type { JsonObject, JsonValue } from "@package-operator/kube-yaml";

/** Every call can be cancelled. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
}

/** Options of reads. */
export interface GetOptions extends CallOptions {
  /** Ask only for metadata (`PartialObjectMetadata`); the answer still carries the real kind. */
  metadataOnly?: boolean | undefined;
  /** `"0"` allows an answer from the server's cache. */
  resourceVersion?: string | undefined;
}

/** What to list or watch. */
export interface SelectOptions {
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  metadataOnly?: boolean | undefined;
}

/** Options of `list`; pages are followed to the end. */
export interface ListOptions extends SelectOptions, CallOptions {
  /** Objects per request; default 500. 0 asks for everything at once. */
  pageSize?: number | undefined;
  resourceVersion?: string | undefined;
}

/** Options of `watch`. */
export interface WatchOptions extends SelectOptions, CallOptions {
  /** Go on after this version; absent or `"0"` starts with the objects that exist. */
  resourceVersion?: string | undefined;
  bookmarks?: boolean | undefined;
  /** The server ends the watch after this time. */
  timeoutSeconds?: number | undefined;
}

/** Options of writes. */
export interface WriteOptions extends CallOptions {
  /** Overrides the client's default field manager. */
  fieldManager?: string | undefined;
  dryRun?: boolean | undefined;
  /** Write to this subresource, for example `status`. */
  subresource?: string | undefined;
  fieldValidation?: "Ignore" | "Warn" | "Strict" | undefined;
}

/** Options of server-side apply, whose field manager is always named. */
export interface ApplyOptions extends WriteOptions {
  fieldManager: string;
  /** Take over fields that other managers own with another value. */
  force?: boolean | undefined;
}

/** Options of deletes. */
export interface DeleteOptions extends CallOptions {
  /** Delete only the object with this uid and, if given, this resourceVersion. */
  preconditions?: { uid?: string | undefined; resourceVersion?: string | undefined } | undefined;
  propagation?: "Orphan" | "Background" | "Foreground" | undefined;
  gracePeriodSeconds?: number | undefined;
  dryRun?: boolean | undefined;
}

/** A patch in one of the three forms the server takes beside apply. */
export type Patch =
  | { type: "json"; operations: JsonPatchOperation[] }
  | { type: "merge" | "strategic"; body: JsonObject };

/** One operation of RFC 6902. */
export type JsonPatchOperation =
  | { op: "add" | "replace" | "test"; path: string; value: JsonValue }
  | { op: "remove"; path: string }
  | { op: "move" | "copy"; path: string; from: string };
