import type { CallOptions } from "@package-operator/kube";
import { takenOver } from "../owners.ts";
import type { ObjectDeployment, ObjectSet } from "../resources.ts";
import { isBeingDeleted, type KindStore } from "../runtime/kind-store.ts";

/** Makes a deployment the owner of sets that one of its name has left; sets that are on their way out go their way. */
export function takeOverSets(
  store: KindStore<ObjectSet>,
  deployment: ObjectDeployment,
  sets: readonly ObjectSet[],
  options: CallOptions,
): Promise<ObjectSet[]> {
  return Promise.all(
    sets.map(async (set) => {
      const ownerReferences = isBeingDeleted(set) ? undefined : takenOver(set, deployment);
      if (ownerReferences === undefined) return set;
      return store.update({ ...set, metadata: { ...set.metadata, ownerReferences } }, options);
    }),
  );
}
