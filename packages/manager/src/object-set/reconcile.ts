import { conditionTypes } from "@package-operator/api";
import type { CallOptions } from "@package-operator/kube";
import {
  findDuplicates,
  outcomeOf,
  reconcilePhase,
  reconcileRevision,
  type RevisionResult,
} from "@package-operator/rollout";
import { editConditions, hasCondition } from "../conditions.ts";
import type { ObjectSet, ObjectSetPhase } from "../resources.ts";
import { isBeingDeleted } from "../runtime/kind-store.ts";
import { type Outcome, type Reconcile, userProblemRetry } from "../runtime/reconciler.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Stores } from "../runtime/stores.ts";
import { cacheUser, localKinds } from "./cache-user.ts";
import { createdFinalizers } from "./finalizers.ts";
import { readProbes } from "./probes.ts";
import { ensurePhase, outcomeOfPhase } from "./remote-phase.ts";
import { revisionOf } from "./revision.ts";
import { claimPhases, type LoadedPhase } from "./slices.ts";
import {
  controlledObject,
  isInTransition,
  judgePause,
  reportBlocked,
  reportRollout,
  reportSuccess,
} from "./status.ts";
import { teardownObjectSet } from "./teardown.ts";

/** Rolls out the objects of a set phase by phase, keeps them as they should be, and takes them down in the end. */
export function createObjectSetReconcile(stores: Stores, runtime: Runtime): Reconcile {
  return async (key, options) => {
    const set = stores.sets.get(key);
    if (set === undefined) return {};
    if (hasCondition(set, conditionTypes.archived, "True"))
      return finishArchived(stores, runtime, set, options);
    if (isBeingDeleted(set) || set.spec.lifecycleState === "Archived") {
      return teardownObjectSet(stores, runtime, set, options);
    }
    const held = await stores.sets.hold(set, createdFinalizers, options);
    const { written, outcome } = await rollOut(stores, runtime, held, options);
    runtime.metrics.recordObjectSet(written);
    return outcome;
  };
}

/** An archived set has nothing left but its metrics. */
async function finishArchived(
  stores: Stores,
  runtime: Runtime,
  set: ObjectSet,
  options: CallOptions,
): Promise<Outcome> {
  if (isBeingDeleted(set)) {
    runtime.metrics.forgetObjectSet(set);
    await stores.sets.release(set, createdFinalizers, options);
  } else {
    runtime.metrics.recordObjectSet(set);
  }
  return {};
}

async function rollOut(
  stores: Stores,
  runtime: Runtime,
  set: ObjectSet,
  options: CallOptions,
): Promise<{ written: ObjectSet; outcome: Outcome }> {
  const now = runtime.clock.now();
  const phases = await claimPhases(stores, set, options);
  const conditions = editConditions(set, now);
  const remote = new Map((set.status?.remotePhases ?? []).map((reference) => [reference.name, reference]));
  const result = await reconcilePhases(stores, runtime, set, phases, { remote, ...options });
  const status = { ...set.status, revision: set.spec.revision ?? 0, remotePhases: [...remote.values()] };
  let outcome: Outcome = {};
  if (result.blocked) {
    reportBlocked(conditions, result.blocked);
    outcome = { requeueAfterMs: userProblemRetry };
  } else {
    const inTransition = isInTransition(phases, result.controlled, set.metadata.namespace ?? "");
    reportRollout(conditions, result, { inTransition });
    const requeueAfterMs = reportSuccess(conditions, set, { inTransition, now });
    if (requeueAfterMs !== undefined) outcome = { requeueAfterMs };
    status.controllerOf = result.controlled.map(controlledObject);
    const remotePhases = [...remote.keys()].map((name) => findPhase(stores, set, name));
    conditions.put(conditionTypes.paused, judgePause(set, remotePhases));
  }
  const written = await stores.sets.writeStatus(set, { ...status, conditions: conditions.list() }, options);
  return { written, outcome };
}

async function reconcilePhases(
  stores: Stores,
  runtime: Runtime,
  set: ObjectSet,
  phases: readonly LoadedPhase[],
  options: CallOptions & { remote: Map<string, { name: string; uid: string }> },
): Promise<RevisionResult> {
  const duplicates = findDuplicates(phases);
  if (duplicates.length > 0) return blockedBy(duplicates.join(", "));
  const prober = readProbes(set.spec.availabilityProbes);
  if (typeof prober === "string") return blockedBy(prober);
  runtime.cache.register(cacheUser(set), localKinds(phases));
  const revision = revisionOf(set, stores, runtime, options);
  return reconcileRevision(phases, async (phase: LoadedPhase) => {
    if (phase.class === "") {
      return outcomeOf(await reconcilePhase(runtime, phase, revision, { prober, ...options }));
    }
    const object = await ensurePhase(stores, set, phase, options);
    const { name = "", uid = "" } = object.metadata;
    options.remote.set(name, { name, uid });
    return outcomeOfPhase(phase.name, object);
  });
}

function blockedBy(message: string): RevisionResult {
  return { controlled: [], mapped: [], finished: false, blocked: { reason: "PreflightError", message } };
}

function findPhase(stores: Stores, set: ObjectSet, name: string): ObjectSetPhase | undefined {
  return stores.phases.get({ name, namespace: set.metadata.namespace });
}
