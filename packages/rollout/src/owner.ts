import { annotations } from "@package-operator/api";
import { type KubeObject, type OwnerReference, parseApiVersion } from "@package-operator/kube";
import type { JsonObject } from "@package-operator/schema";
import { RolloutError } from "./errors.ts";

/** The object a managed object belongs to. */
export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Empty or absent for cluster-scoped owners. */
  readonly namespace?: string | undefined;
  readonly uid: string;
}

/** An owner as recorded on an object. */
export interface OwnerEntry extends Owner {
  readonly controller: boolean;
}

/** How owners are recorded: natively, or in an annotation when owner and object live in different clusters. */
export interface Ownership {
  /** Owners and objects are in the same cluster, so Kubernetes' rules about namespaces hold. */
  readonly sameCluster: boolean;
  owners(object: KubeObject): readonly OwnerEntry[];
  /** A copy of `object` with `owner` as its only controller; owners of `live` stay as plain owners. */
  withController(object: KubeObject, owner: Owner, live?: KubeObject): KubeObject;
  /** The merge patch of `metadata` that takes `owner` off `live`. */
  removalPatch(live: KubeObject, owner: Owner): JsonObject;
}

/** Group, kind, name and uid make an owner; version and namespace do not. */
export function isSameOwner(a: Owner, b: Owner): boolean {
  return (
    a.uid === b.uid &&
    a.name === b.name &&
    a.kind === b.kind &&
    parseApiVersion(a.apiVersion).group === parseApiVersion(b.apiVersion).group
  );
}

/** The owner of `object` that controls it. */
export function controllerOf(ownership: Ownership, object: KubeObject): OwnerEntry | undefined {
  return ownership.owners(object).find((entry) => entry.controller);
}

/** Whether `owner` controls `object`. */
export function isController(ownership: Ownership, object: KubeObject, owner: Owner): boolean {
  const controller = controllerOf(ownership, object);
  return controller !== undefined && isSameOwner(controller, owner);
}

/** Whether `owner` is recorded on `object` at all. */
export function isOwner(ownership: Ownership, object: KubeObject, owner: Owner): boolean {
  return ownership.owners(object).some((entry) => isSameOwner(entry, owner));
}

/** The controller reference to `owner` as Kubernetes' controllers write it. */
export function controllerReference(owner: Owner): OwnerReference {
  const { apiVersion, kind, name, uid } = owner;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** The entry without control; one that has none stays as it is, so that nothing is written without need. */
function released<Entry extends { readonly controller?: boolean }>(entry: Entry): Entry {
  return entry.controller === true ? { ...entry, controller: false } : entry;
}

/** Ownership by `metadata.ownerReferences`, watched over by the garbage collector. */
export const nativeOwnership: Ownership = {
  sameCluster: true,
  owners: (object) =>
    (object.metadata.ownerReferences ?? []).map(({ apiVersion, kind, name, uid, controller = false }) => ({
      apiVersion,
      kind,
      name,
      uid,
      controller,
    })),
  withController(object, owner, live = object) {
    if (owner.namespace && owner.namespace !== object.metadata.namespace) {
      throw new RolloutError(
        "owner",
        `cross-namespace owner references are disallowed, owner's namespace ${owner.namespace}, obj's namespace ${object.metadata.namespace ?? ""}`,
      );
    }
    const others = (live.metadata.ownerReferences ?? []).filter((entry) => !isSameOwner(entry, owner));
    const ownerReferences = [...others.map(released), controllerReference(owner)];
    return { ...object, metadata: { ...object.metadata, ownerReferences } };
  },
  removalPatch: (live, owner) => ({
    ownerReferences: (live.metadata.ownerReferences ?? []).filter((entry) => !isSameOwner(entry, owner)),
  }),
};

/** Stands for an owner annotation that cannot be read: somebody controls the object, nobody knows who. */
const unknownOwner: OwnerEntry = { apiVersion: "", kind: "", name: "", uid: "", controller: true };

function readOwners(object: KubeObject): readonly OwnerEntry[] {
  const text = object.metadata.annotations?.[annotations.owners];
  if (!text) return [];
  try {
    const entries: unknown = JSON.parse(text);
    if (!Array.isArray(entries)) return [unknownOwner];
    return (entries as Partial<OwnerEntry>[]).map((entry) => ({
      apiVersion: entry.apiVersion ?? "",
      kind: entry.kind ?? "",
      name: entry.name ?? "",
      namespace: entry.namespace ?? "",
      uid: entry.uid ?? "",
      controller: entry.controller === true,
    }));
  } catch {
    return [unknownOwner];
  }
}

/** The annotation's text. Other implementations compare it as text, so order and spacing of the members are fixed. */
export function formatOwners(entries: readonly OwnerEntry[]): string {
  return JSON.stringify(
    entries.map(({ apiVersion, kind, name, namespace = "", uid, controller }) => ({
      apiVersion,
      kind,
      name,
      namespace,
      uid,
      ...(controller ? { controller } : {}),
    })),
  );
}

/** Ownership by the annotation `package-operator.run/owners`, for objects in another cluster than their owner. */
export const annotationOwnership: Ownership = {
  sameCluster: false,
  owners: readOwners,
  withController(object, owner, live = object) {
    const others = readOwners(live).filter((entry) => entry !== unknownOwner && !isSameOwner(entry, owner));
    const entries = [...others.map(released), { ...owner, controller: true }];
    return {
      ...object,
      metadata: {
        ...object.metadata,
        annotations: { ...object.metadata.annotations, [annotations.owners]: formatOwners(entries) },
      },
    };
  },
  removalPatch(live, owner) {
    const left = readOwners(live).filter((entry) => !isSameOwner(entry, owner));
    return { annotations: { [annotations.owners]: left.length === 0 ? null : formatOwners(left) } };
  },
};
