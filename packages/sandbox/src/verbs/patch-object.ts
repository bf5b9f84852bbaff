import { definition } from "../builtin/definitions.ts";
import { StatusError } from "../errors.ts";
import { trackApply, trackUpdate } from "../fields/managed-fields.ts";
import {
  copy,
  getString,
  isObject,
  type JsonObject,
  type JsonValue,
  metadataOf,
  nameOf,
  uidOf,
} from "../json.ts";
import { applyJsonPatch, JsonPatchError } from "../patch/json-patch.ts";
import { applyMergePatch } from "../patch/merge-patch.ts";
import { applyStrategicMergePatch, StrategicMergeError } from "../patch/strategic-merge-patch.ts";
import { badRequest, conflict, notFound, unsupportedMediaType } from "../refusals.ts";
import { collectionOf, type Resource } from "../resources/resource.ts";
import { objectKey } from "../storage/object-store.ts";
import { type ApiContext, readObject, type Target, toVersion } from "./api-context.ts";
import { matchNamespace, storeNew } from "./create-object.ts";
import { decodeObject, decodePatched, type DecodeOptions, readMerged } from "./decode-object.ts";
import { storeChange } from "./update-object.ts";
import { type WriteOptions, writerFor } from "./write-options.ts";

/** The patch dialects, as their media types end. */
export type PatchType = "json" | "merge" | "strategic" | "apply";

/** Options of {@link patchObject}. */
export interface PatchOptions extends WriteOptions {
  /** For `apply`: take fields of other managers. */
  readonly force?: boolean;
}

/** The object after a patch, and whether the patch made it. */
export interface PatchResult {
  readonly object: JsonObject;
  readonly created: boolean;
}

/**
 * Changes an object by a patch; `apply` also creates it.
 *
 * @throws StatusError for patches that do not fit, and conflicts.
 */
export function patchObject(
  context: ApiContext,
  target: Target,
  type: PatchType,
  patch: JsonValue,
  options: PatchOptions,
): PatchResult {
  if (type === "apply") return applyPatch(context, target, patch, options);
  const { resource } = target;
  const live = readObject(context, target);
  const patched = runPatch(resource, type, live, patch);
  if (!isObject(patched)) throw badRequest("the patched object is not an object");
  const object = decodePatched(patched, resource, decodeOptions(options));
  if (nameOf(object) !== target.name) {
    throw badRequest(
      `the name of the object (${nameOf(object)}) does not match the name on the URL (${target.name})`,
    );
  }
  trackUpdate(live, object, writerFor(context, resource, options));
  return { object: storeChange(context, target, live, object, options), created: false };
}

function runPatch(
  resource: Resource,
  type: Exclude<PatchType, "apply">,
  live: JsonObject,
  patch: JsonValue,
): JsonValue {
  try {
    switch (type) {
      case "json":
        if (!Array.isArray(patch))
          throw badRequest(
            "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
          );
        return applyJsonPatch(live, patch);
      case "merge":
        return applyMergePatch(live, patch);
      default:
        if (resource.custom) {
          throw unsupportedMediaType([
            "application/json-patch+json",
            "application/merge-patch+json",
            "application/apply-patch+yaml",
          ]);
        }
        if (!isObject(patch)) throw badRequest("the patch is not an object");
        return applyStrategicMergePatch(live, patch, definition(resource.definition));
    }
  } catch (error) {
    if (error instanceof JsonPatchError) {
      const message = `the server rejected our request due to an error in our request`;
      throw new StatusError(422, "Invalid", message, {});
    }
    if (error instanceof StrategicMergeError) throw new StatusError(500, "", error.message);
    throw error;
  }
}

function applyPatch(
  context: ApiContext,
  target: Target,
  patch: JsonValue,
  options: PatchOptions,
): PatchResult {
  const { resource, namespace, name } = target;
  if (!isObject(patch)) throw badRequest("error decoding YAML: the configuration is not an object");
  const applied = copy(patch);
  const own = getString(applied, "metadata", "namespace");
  if (resource.namespaced && own !== "" && own !== namespace) {
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  }
  if (nameOf(applied) === "") metadataOf(applied)["name"] = name;
  if (nameOf(applied) !== name) {
    throw badRequest(
      `the name of the object (${nameOf(applied)}) does not match the name on the URL (${name})`,
    );
  }
  if (options.fieldValidation === "Strict") decodeObject(applied, resource, decodeOptions(options));
  const writer = writerFor(context, resource, options);
  const stored = context.store.get(collectionOf(resource), objectKey(namespace, name));
  const live = stored === undefined ? undefined : toVersion(stored, resource);
  if (live === undefined) {
    if (options.subresource !== undefined && options.subresource !== "") throw notFound(resource, name);
    if (uidOf(applied) !== "") {
      throw conflict(
        resource,
        name,
        `uid mismatch: the provided object specified uid ${uidOf(applied)}, and no existing object was found`,
      );
    }
    const created = readApplied(
      trackApply(undefined, applied, writer, { force: options.force === true }),
      resource,
    );
    matchNamespace(created, resource, namespace);
    delete metadataOf(created)["resourceVersion"];
    return { object: storeNew(context, resource, created, options), created: true };
  }
  const merged = readApplied(trackApply(live, applied, writer, { force: options.force === true }), resource);
  return { object: storeChange(context, target, live, merged, options), created: false };
}

/**
 * The merged object with its defaults; its managed fields are kept as they are. Custom objects keep the nulls that a
 * merge leaves where nothing is left, which then fail validation as with the real server.
 */
function readApplied(merged: JsonObject, resource: Resource): JsonObject {
  if (resource.schema !== undefined) {
    return keepManagers(readMerged(merged, resource.schema), merged);
  }
  const ignore: DecodeOptions = { fieldValidation: "Ignore", warn: () => undefined };
  return keepManagers(decodeObject(merged, resource, ignore), merged);
}

function keepManagers(object: JsonObject, merged: JsonObject): JsonObject {
  const { managedFields } = metadataOf(merged);
  if (managedFields === undefined) delete metadataOf(object)["managedFields"];
  else metadataOf(object)["managedFields"] = managedFields;
  return object;
}

function decodeOptions(options: WriteOptions): DecodeOptions {
  return {
    fieldValidation: options.fieldValidation ?? "Ignore",
    warn: options.warn ?? (() => undefined),
  };
}

/** The dialect of a media type, undefined when it is none of the four. */
export function patchTypeOf(mediaType: string): PatchType | undefined {
  switch (mediaType) {
    case "application/json-patch+json":
      return "json";
    case "application/merge-patch+json":
      return "merge";
    case "application/strategic-merge-patch+json":
      return "strategic";
    case "application/apply-patch+yaml":
      return "apply";
    default:
      return undefined;
  }
}
