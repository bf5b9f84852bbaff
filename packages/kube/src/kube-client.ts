import type { JsonObject, JsonValue } from "@package-operator/kube-yaml";
import type { Discovery } from "./discovery.ts";
import type { ApiObject, KindRef, KubeObject, ObjectList, ObjectRef } from "./object.ts";
import type { KubeRequest } from "./request.ts";

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
  /** Streaming list: existing objects first, then a bookmark annotated `k8s.io/initial-events-end`. */
  sendInitialEvents?: boolean | undefined;
}

/** One change seen by a watch; errors are thrown, not yielded. */
export interface WatchEvent<T> {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  object: T;
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

/** An answer in full, for what the typed calls do not cover. */
export interface RawResponse {
  httpStatus: number;
  headers: Record<string, string>;
  body: string;
}

/**
 * A client of one cluster. Objects are plain JSON. All calls throw {@link KubeError}; a kind the server does not
 * serve gives `UnknownKind` after discovery was asked again.
 */
export interface KubeClient {
  /** Base URL of the server. */
  readonly server: string;
  /** Namespace of the configuration, `default` when it names none. */
  readonly namespace: string;
  readonly discovery: Discovery;
  get<T extends ApiObject = KubeObject>(ref: ObjectRef, options?: GetOptions): Promise<T>;
  /** Like `get`, but undefined when the object does not exist (an unknown kind still throws). */
  find<T extends ApiObject = KubeObject>(ref: ObjectRef, options?: GetOptions): Promise<T | undefined>;
  list<T extends ApiObject = KubeObject>(kind: KindRef, options?: ListOptions): Promise<ObjectList<T>>;
  /** Ends when the server ends it; throws for error events (`isExpired` means: list again). */
  watch<T extends ApiObject = KubeObject>(
    kind: KindRef,
    options?: WatchOptions,
  ): AsyncIterable<WatchEvent<T>>;
  create<T extends ApiObject>(object: T, options?: WriteOptions): Promise<T>;
  update<T extends ApiObject>(object: T, options?: WriteOptions): Promise<T>;
  /** `update` of the status subresource. */
  updateStatus<T extends ApiObject>(object: T, options?: WriteOptions): Promise<T>;
  patch<T extends ApiObject = KubeObject>(ref: ObjectRef, patch: Patch, options?: WriteOptions): Promise<T>;
  /** Server-side apply. `metadata.managedFields` must be absent. */
  apply<T extends ApiObject = KubeObject>(object: ApiObject, options: ApplyOptions): Promise<T>;
  /** Resolves when the server accepted; finalizers may keep the object for longer. */
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<void>;
  deleteCollection(kind: KindRef, options?: DeleteOptions & SelectOptions): Promise<void>;
  /** Sends any request, throwing for answers of 400 and above. */
  raw(request: KubeRequest, options?: CallOptions): Promise<RawResponse>;
  /** Like `raw`, with the body as it arrives: logs and the like. */
  stream(request: KubeRequest, options?: CallOptions): Promise<AsyncIterable<Uint8Array>>;
  /** Ends open watches and connections. */
  close(): Promise<void>;
}
