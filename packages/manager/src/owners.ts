import type { ApiObject } from "@package-operator/kube";
import type { Owner } from "@package-operator/rollout";

/** An object as the owner of others. */
export function ownerOf(object: ApiObject): Owner {
  const { name = "", namespace, uid = "" } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, name, namespace, uid };
}

/** Whether `owner` is the controller of `object`, by uid. */
export function isControlledBy(object: ApiObject, owner: ApiObject): boolean {
  return (object.metadata.ownerReferences ?? []).some(
    (reference) => reference.controller === true && reference.uid === owner.metadata.uid,
  );
}
