import type { CallOptions } from "@package-operator/kube";
import type { OwnerEntry } from "@package-operator/rollout";
import { siblingTest } from "../object-set/siblings.ts";
import type { ObjectSet, ObjectSetPhase } from "../resources.ts";
import type { Stores } from "../runtime/stores.ts";

/**
 * Tells whether a controller belongs to the deployment of the phase: another revision of the set the phase is part of,
 * or a phase of one. A phase made by hand has no set and no siblings.
 */
export async function phaseSiblingTest(
  stores: Stores,
  phase: ObjectSetPhase,
  options: CallOptions,
): Promise<(controller: OwnerEntry) => Promise<boolean>> {
  const parent = await findParent(stores, phase, options);
  return parent === undefined ? () => Promise.resolve(false) : siblingTest(stores, parent, options);
}

async function findParent(
  stores: Stores,
  phase: ObjectSetPhase,
  options: CallOptions,
): Promise<ObjectSet | undefined> {
  const reference = phase.metadata.ownerReferences?.find(
    ({ controller, kind }) => controller === true && kind === stores.kinds.objectSet.kind,
  );
  if (reference === undefined) return undefined;
  const key = { name: reference.name, namespace: phase.metadata.namespace };
  return stores.sets.get(key) ?? (await stores.sets.read(key, options));
}
