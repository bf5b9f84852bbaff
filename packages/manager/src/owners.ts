import type { ApiObject, OwnerReference } from "@package-operator/kube";
import { controllerReference, isSameOwner, type Owner } from "@package-operator/rollout";

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

/**
 * The owners of a child with the reference to a former owner of the same kind and name replaced by its successor;
 * undefined where there is none. The garbage collector would delete the child under the new owner; or never, when the one
 * followed the other while it was not watching.
 */
export function takenOver(child: ApiObject, successor: ApiObject): OwnerReference[] | undefined {
  const owners = child.metadata.ownerReferences ?? [];
  const reference = controllerReference(ownerOf(successor));
  const isFormer = ({ uid, ...owner }: OwnerReference): boolean =>
    uid !== reference.uid && isSameOwner({ ...owner, uid: reference.uid }, reference);
  return owners.some(isFormer) ? owners.map((owner) => (isFormer(owner) ? reference : owner)) : undefined;
}
