import type { CallOptions } from "@package-operator/kube";
import { at } from "../errors.ts";
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
      try {
        return await store.update({ ...set, metadata: { ...set.metadata, ownerReferences } }, options);
      } catch (error) {
        throw at("owner", `failed to take over objectset ${set.metadata.name ?? ""}`, error);
      }
    }),
  );
}
