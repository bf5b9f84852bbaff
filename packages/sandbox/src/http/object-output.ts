import type { JsonObject } from "../json.ts";
import { apiVersionOf, type Resource } from "../resources/resource.ts";
import type { ListResult } from "../verbs/list-objects.ts";
import type { WatchEvent } from "../verbs/watch-objects.ts";
import type { ObjectShape } from "./negotiate.ts";

/** How objects leave the server. */
export interface OutputOptions {
  readonly shape: ObjectShape;
  /** `includeObject` of table requests: `None`, `Metadata` or `Object`. */
  readonly includeObject: string;
  /** Milliseconds since the epoch, for ages. */
  readonly now: number;
}

/** One object in the shape the client wants. */
export function outputObject(resource: Resource, object: JsonObject, options: OutputOptions): JsonObject {
  switch (options.shape) {
    case "table":
      return table(resource, [object], { resourceVersion: versionOf(object) }, options);
    case "metadata":
      return partialMetadata(object);
    default:
      return object;
  }
}

/** A list in the shape the client wants; built-in items come without version and kind, as from Go's types. */
export function outputList(resource: Resource, result: ListResult, options: OutputOptions): JsonObject {
  const metadata: JsonObject = {
    resourceVersion: result.resourceVersion,
    ...(result.continueToken === undefined ? {} : { continue: result.continueToken }),
    ...(result.remaining === undefined ? {} : { remainingItemCount: result.remaining }),
  };
  switch (options.shape) {
    case "table":
      return table(resource, result.items, metadata, options);
    case "metadata":
      return {
        kind: "PartialObjectMetadataList",
        apiVersion: "meta.k8s.io/v1",
        metadata,
        items: result.items.map(partialMetadata),
      };
    default:
      return {
        kind: resource.listKind,
        apiVersion: apiVersionOf(resource),
        // Lists of custom kinds show the token also when there is none.
        metadata: resource.custom ? { continue: "", ...metadata } : metadata,
        items: resource.custom ? [...result.items] : result.items.map(withoutKind),
      };
  }
}

/** A watch event in the shape the client wants; later tables come without their column definitions. */
export function outputEvent(
  resource: Resource,
  event: WatchEvent,
  options: OutputOptions & { readonly first: boolean },
): JsonObject {
  if (event.type === "ERROR") return { type: event.type, object: event.object };
  if (options.shape === "table" && event.type !== "BOOKMARK") {
    const { columnDefinitions, ...rest } = outputObject(resource, event.object, options);
    const object = options.first
      ? { ...rest, columnDefinitions: columnDefinitions ?? null }
      : { ...rest, columnDefinitions: null };
    return { type: event.type, object };
  }
  return { type: event.type, object: outputObject(resource, event.object, options) };
}

/** `meta.k8s.io/v1 PartialObjectMetadata`. */
function partialMetadata(object: JsonObject): JsonObject {
  return {
    kind: "PartialObjectMetadata",
    apiVersion: "meta.k8s.io/v1",
    metadata: object["metadata"] ?? {},
  };
}

function table(
  resource: Resource,
  objects: readonly JsonObject[],
  metadata: JsonObject,
  options: OutputOptions,
): JsonObject {
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: resource.columns.map((column) => ({ ...column })),
    rows: objects.map((object) => ({
      cells: resource.cells(object, options.now),
      ...(options.includeObject === "None"
        ? {}
        : { object: options.includeObject === "Object" ? object : partialMetadata(object) }),
    })),
  };
}

function withoutKind({ kind: _kind, apiVersion: _apiVersion, ...rest }: JsonObject): JsonObject {
  return rest;
}

function versionOf(object: JsonObject): string {
  const metadata = object["metadata"] as JsonObject;
  return typeof metadata["resourceVersion"] === "string" ? metadata["resourceVersion"] : "";
}
