import { conditionTypes, labels } from "@package-operator/api";
import { type CallOptions, isAlreadyExists, isNotFound } from "@package-operator/kube";
import { controllerReference, type PhaseOutcome } from "@package-operator/rollout";
import { currentMapped, findCurrentCondition } from "../conditions.ts";
import { isControlledBy, ownerOf } from "../owners.ts";
import type { ObjectSet, ObjectSetPhase } from "../resources.ts";
import { keyObject } from "../runtime/kind-store.ts";
import type { Stores } from "../runtime/stores.ts";
import type { LoadedPhase } from "./slices.ts";

/** The object through which a phase manager takes over a phase with a class. */
export function desiredPhase(
  set: ObjectSet,
  phase: LoadedPhase,
  kind: { apiVersion: string; kind: string },
): ObjectSetPhase {
  const { name = "", namespace, annotations, labels: given } = set.metadata;
  const { availabilityProbes, revision = 0, previous, lifecycleState } = set.spec;
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: {
      name: `${name}-${phase.name}`,
      ...(namespace === undefined ? {} : { namespace }),
      ...(annotations === undefined ? {} : { annotations }),
      labels: { ...given, [labels.phaseClass]: phase.class },
      ownerReferences: [controllerReference(ownerOf(set))],
    },
    spec: {
      objects: phase.objects as ObjectSetPhase["spec"]["objects"],
      revision,
      ...(availabilityProbes === undefined ? {} : { availabilityProbes }),
      ...(previous === undefined ? {} : { previous }),
      ...(lifecycleState === "Paused" ? { paused: true } : {}),
    },
  };
}

/** Makes sure the phase object exists and is paused as the set is. */
export async function ensurePhase(
  stores: Stores,
  set: ObjectSet,
  phase: LoadedPhase,
  options: CallOptions,
): Promise<ObjectSetPhase> {
  const desired = desiredPhase(set, phase, stores.kinds.objectSetPhase);
  const existing = stores.phases.get(keyObject(desired)) ?? (await createPhase(stores, desired, options));
  const paused = desired.spec.paused ?? false;
  if ((existing.spec.paused ?? false) === paused) return existing;
  const { resourceVersion = "" } = existing.metadata;
  const body = { metadata: { resourceVersion }, spec: { paused } };
  return stores.phases.patch(existing, { type: "merge", body }, options);
}

async function createPhase(
  stores: Stores,
  desired: ObjectSetPhase,
  options: CallOptions,
): Promise<ObjectSetPhase> {
  try {
    return await stores.phases.create(desired, options);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const existing = await stores.phases.read(keyObject(desired), options);
    if (existing === undefined) throw error;
    return existing;
  }
}

/** What a phase object reports to its set. */
export function outcomeOfPhase(name: string, phase: ObjectSetPhase): PhaseOutcome {
  const available = findCurrentCondition(phase, conditionTypes.available);
  const failures =
    available === undefined ? ["no status reported"] : available.status === "True" ? [] : [available.message];
  return {
    name,
    failures,
    controlled: (phase.status?.controllerOf ?? []).map((object) => ({
      group: object.group,
      kind: object.kind,
      name: object.name,
      namespace: object.namespace ?? "",
    })),
    mapped: currentMapped(phase),
  };
}

/** Deletes the phase object of a phase; true when it is gone, or was never this set's. */
export async function teardownRemotePhase(
  stores: Stores,
  set: ObjectSet,
  phase: LoadedPhase,
  options: CallOptions & { namespaceIsGoing: () => Promise<boolean> },
): Promise<boolean> {
  const { metadata } = desiredPhase(set, phase, stores.kinds.objectSetPhase);
  const existing = await stores.phases.read(
    { name: metadata.name ?? "", namespace: metadata.namespace },
    options,
  );
  if (existing === undefined || !isControlledBy(existing, set)) return true;
  if (await options.namespaceIsGoing()) {
    // With the namespace of a hosted cluster its API server goes too, and nobody is left to do the phase's tear-down.
    if ((existing.metadata.finalizers ?? []).length > 0) {
      await stores.phases.update(
        { ...existing, metadata: { ...existing.metadata, finalizers: [] } },
        options,
      );
    }
    return false;
  }
  if (existing.metadata.deletionTimestamp !== undefined) return false;
  try {
    await stores.phases.delete(existing, options);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return true;
  }
  return false;
}
