import {
  copy,
  getObject,
  getObjects,
  getString,
  getStringMap,
  getStrings,
  type JsonObject,
  nameOf,
  namespaceOf,
} from "../json.ts";
import { controllerReference } from "./owned-objects.ts";

/** Whether a Pod has not ended and is not being deleted. */
export function isActive(pod: JsonObject): boolean {
  const phase = getString(pod, "status", "phase");
  return (
    phase !== "Succeeded" && phase !== "Failed" && getString(pod, "metadata", "deletionTimestamp") === ""
  );
}

/** When a Pod became ready, in milliseconds; undefined when it is not. */
export function readySince(pod: JsonObject): number | undefined {
  const condition = getObjects(pod, "status", "conditions").find((item) => item["type"] === "Ready");
  if (condition === undefined || condition["status"] !== "True") return undefined;
  const since = Date.parse(getString(condition, "lastTransitionTime"));
  return Number.isNaN(since) ? 0 : since;
}

/** A new Pod from the template of its owner. */
export function podFromTemplate(owner: JsonObject): JsonObject {
  const template = getObject(owner, "spec", "template") ?? {};
  const finalizers = getStrings(template, "metadata", "finalizers");
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      generateName: `${nameOf(owner)}-`,
      namespace: namespaceOf(owner),
      labels: getStringMap(template, "metadata", "labels"),
      annotations: getStringMap(template, "metadata", "annotations"),
      ...(finalizers.length === 0 ? {} : { finalizers }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: copy(getObject(template, "spec") ?? {}),
  };
}
