import type { CallOptions } from "@package-operator/kube";
import type { PhaseObject } from "@package-operator/rollout";
import { ManagerError } from "../errors.ts";
import { ownerOf } from "../owners.ts";
import type { ObjectSet, ObjectSlice } from "../resources.ts";
import type { Stores } from "../runtime/stores.ts";

/** A phase of an object set with the objects of its slices behind its own. */
export interface LoadedPhase {
  readonly name: string;
  readonly class: string;
  readonly objects: readonly PhaseObject[];
}

/** The phases of a set, and names of slices that do not exist. */
export interface LoadedPhases {
  readonly phases: readonly LoadedPhase[];
  readonly slices: readonly ObjectSlice[];
  readonly missing: readonly string[];
}

/** Fills in the objects of slices. A missing slice is reported, not thrown: tear-down has to go on without it. */
export async function loadPhases(
  stores: Stores,
  set: ObjectSet,
  options: CallOptions,
): Promise<LoadedPhases> {
  const slices: ObjectSlice[] = [];
  const missing: string[] = [];
  const phases: LoadedPhase[] = [];
  for (const phase of set.spec.phases ?? []) {
    const objects: PhaseObject[] = [...(phase.objects ?? [])];
    for (const name of phase.slices ?? []) {
      const key = { name, namespace: set.metadata.namespace };
      const slice = stores.slices.get(key) ?? (await stores.slices.read(key, options));
      if (slice === undefined) missing.push(name);
      else {
        slices.push(slice);
        objects.push(...slice.objects);
      }
    }
    phases.push({ name: phase.name, class: phase.class ?? "", objects });
  }
  return { phases, slices, missing };
}

/** Loads the phases for a roll-out: all slices must exist, and know that this set uses them. */
export async function claimPhases(
  stores: Stores,
  set: ObjectSet,
  options: CallOptions,
): Promise<LoadedPhase[]> {
  const { phases, slices, missing } = await loadPhases(stores, set, options);
  if (missing.length > 0) {
    const { kind } = stores.kinds.objectSlice;
    throw new ManagerError("owner", `getting ObjectSlice: ${kind} ${JSON.stringify(missing[0])} not found`);
  }
  for (const slice of slices) {
    const owners = slice.metadata.ownerReferences ?? [];
    if (owners.some(({ uid }) => uid === set.metadata.uid)) continue;
    const { apiVersion, kind, name, uid } = ownerOf(set);
    const ownerReferences = [...owners, { apiVersion, kind, name, uid }];
    await stores.slices.update({ ...slice, metadata: { ...slice.metadata, ownerReferences } }, options);
  }
  return [...phases];
}
