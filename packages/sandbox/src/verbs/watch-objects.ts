import { StatusError } from "../errors.ts";
import { expired } from "../refusals.ts";
import { type JsonObject, namespaceOf } from "../json.ts";
import { apiVersionOf, collectionOf, type Resource } from "../resources/resource.ts";
import type { StoreEvent } from "../storage/object-store.ts";
import { type ApiContext, toVersion } from "./api-context.ts";
import { parseVersion } from "./list-objects.ts";
import { createSelection } from "./selection.ts";

/** What a watch request asks for. */
export interface WatchOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Absent or `0`: the present state as additions first. */
  readonly resourceVersion?: string;
  readonly sendInitialEvents?: boolean;
  readonly bookmarks?: boolean;
}

/** One line of a watch. */
export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: JsonObject;
}

/** A watch that delivers until it is stopped. */
export interface Watch {
  /** Delivers a bookmark of the present revision. */
  readonly bookmark: () => void;
  readonly stop: () => void;
}

/**
 * Starts a watch; `deliver` is called in the turn of each change, first for what is already known.
 *
 * @throws StatusError 410 when the start version is no longer known.
 */
export function watchObjects(
  context: ApiContext,
  resource: Resource,
  options: WatchOptions,
  deliver: (event: WatchEvent) => void,
): Watch {
  const { store } = context;
  const collection = collectionOf(resource);
  const selection = createSelection(resource, options.labelSelector ?? "", options.fieldSelector ?? "");
  const inNamespace = (object: JsonObject): boolean =>
    options.namespace === undefined || namespaceOf(object) === options.namespace;
  const selects = (object: JsonObject | undefined): boolean =>
    object !== undefined && inNamespace(object) && selection.matches(toVersion(object, resource));
  const send = (event: StoreEvent): void => {
    try {
      const translated = translate(event, selects);
      if (translated === undefined) return;
      deliver({ type: translated.type, object: toVersion(translated.object, resource) });
    } catch (error) {
      // What a watcher cannot be shown must not fail the write it is about.
      if (!(error instanceof StatusError)) throw error;
      deliver({ type: "ERROR", object: error.status });
    }
  };
  const since = parseVersion(options.resourceVersion ?? "");
  const bookmark = (annotations?: JsonObject): void =>
    deliver({ type: "BOOKMARK", object: bookmarkObject(resource, store.revision, annotations) });
  const initial = options.sendInitialEvents ?? since === 0;
  if (initial) {
    for (const object of store.list(collection, options.namespace)) {
      if (selects(object)) deliver({ type: "ADDED", object: toVersion(object, resource) });
    }
    if (options.sendInitialEvents === true && options.bookmarks === true) {
      bookmark({ "k8s.io/initial-events-end": "true" });
    }
  } else if (since > 0) {
    const events = store.eventsSince(collection, since);
    if (events === undefined) throw expired(`too old resource version: ${since} (${store.revision})`);
    for (const event of events) send(event);
  }
  return { bookmark: () => bookmark(), stop: store.subscribe(collection, send) };
}

/** An object that starts or stops matching appears and disappears for the watcher. */
function translate(
  event: StoreEvent,
  selects: (object: JsonObject | undefined) => boolean,
): { type: StoreEvent["type"]; object: JsonObject } | undefined {
  const before = selects(event.previous);
  if (event.type === "DELETED") return before ? { type: "DELETED", object: event.object } : undefined;
  if (selects(event.object)) return { type: before ? "MODIFIED" : "ADDED", object: event.object };
  if (!before || event.previous === undefined) return undefined;
  const metadata = event.previous["metadata"] as JsonObject;
  const last = { ...event.previous, metadata: { ...metadata, resourceVersion: String(event.revision) } };
  return { type: "DELETED", object: last };
}

function bookmarkObject(
  resource: Resource,
  revision: number,
  annotations: JsonObject | undefined,
): JsonObject {
  return {
    kind: resource.kind,
    apiVersion: apiVersionOf(resource),
    metadata: {
      resourceVersion: String(revision),
      creationTimestamp: null,
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
}
