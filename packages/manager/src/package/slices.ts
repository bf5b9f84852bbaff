import { labels, type ObjectSetObject, sliceHash } from "@package-operator/api";
import { type CallOptions, isAlreadyExists, isNotFound } from "@package-operator/kube";
import { controllerReference } from "@package-operator/rollout";
import { findObjectSets } from "../object-deployment/reconcile.ts";
import { isControlledBy, ownerOf } from "../owners.ts";
import type { ObjectDeployment, ObjectSlice } from "../resources.ts";
import { keyObject } from "../runtime/kind-store.ts";
import type { Stores } from "../runtime/stores.ts";
import { semanticEqual } from "../semantic-equal.ts";

/** Makes sure a slice with these objects exists, and returns its name. */
export async function ensureSlice(
  stores: Stores,
  deployment: ObjectDeployment,
  objects: ObjectSetObject[],
  options: CallOptions,
): Promise<string> {
  for (let count = 0; ; count++) {
    const desired = desiredSlice(stores, deployment, objects, count);
    const existing = stores.slices.get(keyObject(desired)) ?? (await createSlice(stores, desired, options));
    if (existing === undefined || isSameSlice(existing, desired, deployment)) {
      return desired.metadata.name ?? "";
    }
  }
}

function desiredSlice(
  stores: Stores,
  deployment: ObjectDeployment,
  objects: ObjectSetObject[],
  count: number,
): ObjectSlice {
  const { name = "", namespace } = deployment.metadata;
  return {
    ...stores.kinds.objectSlice,
    metadata: {
      name: `${name}-${sliceHash(objects, count)}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { [labels.sliceOwner]: name },
      ownerReferences: [controllerReference(ownerOf(deployment))],
    },
    objects,
  };
}

/** Undefined when the slice was created; otherwise what has its name. */
async function createSlice(
  stores: Stores,
  desired: ObjectSlice,
  options: CallOptions,
): Promise<ObjectSlice | undefined> {
  try {
    await stores.slices.create(desired, options);
    return undefined;
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const existing = await stores.slices.read(keyObject(desired), options);
    if (existing === undefined) throw error;
    return existing;
  }
}

function isSameSlice(existing: ObjectSlice, desired: ObjectSlice, deployment: ObjectDeployment): boolean {
  return (
    isControlledBy(existing, deployment) &&
    semanticEqual(existing.objects.map(withDefaults), desired.objects.map(withDefaults))
  );
}

/** An object as the server stores it. */
export function withDefaults<T extends { collisionProtection?: string }>(object: T): T {
  return { ...object, collisionProtection: object.collisionProtection || "Prevent" };
}

/** Deletes slices of the deployment that neither its template nor any of its sets uses. */
export async function collectSlices(
  stores: Stores,
  deployment: ObjectDeployment,
  options: CallOptions,
): Promise<void> {
  const { name, namespace } = deployment.metadata;
  const owned = stores.slices
    .list({ namespace })
    .filter(({ metadata }) => metadata.labels?.[labels.sliceOwner] === name);
  if (owned.length === 0) return;
  const specs = [
    deployment.spec.template.spec,
    ...findObjectSets(stores, deployment).map(({ spec }) => spec),
  ];
  const used = new Set(specs.flatMap((spec) => (spec.phases ?? []).flatMap(({ slices = [] }) => slices)));
  for (const slice of owned.filter(({ metadata }) => !used.has(metadata.name ?? ""))) {
    await stores.slices.delete(slice, options).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
}
