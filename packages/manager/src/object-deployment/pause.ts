import { annotations } from "@package-operator/api";
import type { CallOptions } from "@package-operator/kube";
import { at } from "../errors.ts";
import type { ObjectDeployment, ObjectSet } from "../resources.ts";
import type { KindStore } from "../runtime/kind-store.ts";
import { isArchived } from "./revisions.ts";

/**
 * Hands the pause of a deployment down to its sets, or lifts it from those that have it from the deployment. A set
 * paused by hand, or on its way to the archive, is not the deployment's to resume.
 */
export async function propagatePause(
  store: KindStore<ObjectSet>,
  deployment: ObjectDeployment,
  sets: readonly ObjectSet[],
  options: CallOptions,
): Promise<ObjectSet[]> {
  const paused = deployment.spec.paused ?? false;
  return Promise.all(
    sets.map(async (set) => {
      if (isArchived(set) || isPausedByParent(set) === paused) return set;
      try {
        return await store.update(paused ? pausedSet(set) : resumedSet(set), options);
      } catch (error) {
        throw at("owner", `failed to ${paused ? "pause" : "unpause"} objectset`, error);
      }
    }),
  );
}

function isPausedByParent(set: ObjectSet): boolean {
  return (
    set.spec.lifecycleState === "Paused" && set.metadata.annotations?.[annotations.pausedByParent] === "true"
  );
}

function pausedSet(set: ObjectSet): ObjectSet {
  return {
    ...set,
    metadata: {
      ...set.metadata,
      annotations: { ...set.metadata.annotations, [annotations.pausedByParent]: "true" },
    },
    spec: { ...set.spec, lifecycleState: "Paused" },
  };
}

function resumedSet(set: ObjectSet): ObjectSet {
  const { [annotations.pausedByParent]: _pause, ...rest } = set.metadata.annotations ?? {};
  return {
    ...set,
    metadata: { ...set.metadata, annotations: rest },
    spec: { ...set.spec, lifecycleState: "Active" },
  };
}
