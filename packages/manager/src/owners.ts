import { apiGroup } from "@package-operator/api";
import { type ApiObject, type ObjectKey, parseApiVersion } from "@package-operator/kube";
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

/** Keys of the owners of `object` that are of one of our kinds; owners share the namespace or have none. */
export function ownerKeys(
  object: ApiObject,
  kind: string,
  options: { controllersOnly: boolean },
): ObjectKey[] {
  return (object.metadata.ownerReferences ?? [])
    .filter(
      (reference) =>
        reference.kind === kind &&
        parseApiVersion(reference.apiVersion).group === apiGroup &&
        (reference.controller === true || !options.controllersOnly),
    )
    .map(({ name }) => ({
      name,
      namespace: kind.startsWith("Cluster") ? undefined : object.metadata.namespace,
    }));
}
