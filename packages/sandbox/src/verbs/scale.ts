import {
  getNumber,
  getObject,
  getString,
  getStringMap,
  getValue,
  isObject,
  type JsonObject,
  type JsonValue,
  metadataOf,
} from "../json.ts";
import { badRequest } from "../refusals.ts";
import type { Resource } from "../resources/resource.ts";
import { type ApiContext, readObject, type Target } from "./api-context.ts";
import { patchObject, type PatchType } from "./patch-object.ts";
import type { WriteOptions } from "./write-options.ts";
import { applyJsonPatch } from "../patch/json-patch.ts";
import { applyMergePatch } from "../patch/merge-patch.ts";

/** The `autoscaling/v1 Scale` of an object. */
export function readScale(context: ApiContext, target: Target): JsonObject {
  return scaleOf(target.resource, readObject(context, target));
}

/** Sets the replicas of an object through its `Scale`. */
export function updateScale(
  context: ApiContext,
  target: Target,
  body: JsonValue,
  options: WriteOptions,
): JsonObject {
  if (!isObject(body)) throw badRequest("the object provided is unrecognized (must be of type Scale)");
  const replicas = getNumber(body, "spec", "replicas") ?? 0;
  const version = getString(body, "metadata", "resourceVersion");
  const path = specPathOf(target.resource);
  const patch = path.reduceRight<JsonValue>((value, key) => ({ [key]: value }), replicas) as JsonObject;
  if (version !== "") metadataOf(patch)["resourceVersion"] = version;
  const { object } = patchObject(context, target, "merge", patch, { ...options, subresource: "scale" });
  return scaleOf(target.resource, object);
}

/** Changes a `Scale` by a patch. */
export function patchScale(
  context: ApiContext,
  target: Target,
  type: PatchType,
  patch: JsonValue,
  options: WriteOptions,
): JsonObject {
  const scale = readScale(context, target);
  delete metadataOf(scale)["resourceVersion"];
  const patched =
    type === "json"
      ? applyJsonPatch(scale, Array.isArray(patch) ? patch : [])
      : applyMergePatch(scale, patch);
  return updateScale(context, target, patched, options);
}

function scaleOf(resource: Resource, object: JsonObject): JsonObject {
  const names = ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"];
  const metadata = Object.fromEntries(
    names.flatMap((name) => {
      const value = getValue(object, "metadata", name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const replicas = getNumber(object, ...specPathOf(resource));
  const selector = selectorOf(resource, object);
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata,
    // Go leaves a zero out.
    spec: replicas === undefined || replicas === 0 ? {} : { replicas },
    status: {
      replicas: getNumber(object, ...statusPathOf(resource)) ?? 0,
      ...(selector === "" ? {} : { selector }),
    },
  };
}

function specPathOf(resource: Resource): string[] {
  return pathOf(resource.scale?.specReplicasPath ?? ".spec.replicas");
}

function statusPathOf(resource: Resource): string[] {
  return pathOf(resource.scale?.statusReplicasPath ?? ".status.replicas");
}

function pathOf(text: string): string[] {
  return text.slice(1).split(".");
}

function selectorOf(resource: Resource, object: JsonObject): string {
  if (resource.scale !== undefined) {
    const path = resource.scale.labelSelectorPath;
    return path === undefined ? "" : getString(object, ...pathOf(path));
  }
  const labels = getStringMap(getObject(object, "spec", "selector"), "matchLabels");
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .toSorted()
    .join(",");
}
