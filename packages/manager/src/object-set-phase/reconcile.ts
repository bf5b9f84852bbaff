import { conditionTypes, finalizers, labels } from "@package-operator/api";
import type { CallOptions } from "@package-operator/kube";
import {
  collisionMessage,
  findDuplicates,
  formatPhaseReport,
  formatPhaseViolations,
  identityOf,
  isComplete,
  type Ownership,
  type PhaseResult,
  reconcilePhase,
  type Revision,
  teardownPhase,
} from "@package-operator/rollout";
import type { Prober } from "@package-operator/schema";
import { type ConditionEdit, editConditions } from "../conditions.ts";
import { cacheUser } from "../object-set/cache-user.ts";
import { readProbes } from "../object-set/probes.ts";
import { packageLabels } from "../object-set/revision.ts";
import { controlledObject, reportBlocked } from "../object-set/status.ts";
import { ownerOf } from "../owners.ts";
import type { ObjectSetPhase } from "../resources.ts";
import { isBeingDeleted } from "../runtime/kind-store.ts";
import { type Outcome, type Reconcile, userProblemRetry } from "../runtime/reconciler.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Stores } from "../runtime/stores.ts";
import { phaseSiblingTest } from "./siblings.ts";

/** What a phase controller works with: the client and cache of the runtime are those of the target cluster. */
export interface PhaseRuntime extends Pick<Runtime, "client" | "cache" | "clock"> {
  /** Only phases whose class label says so are looked at. */
  readonly phaseClass: string;
  readonly ownership: Ownership;
}

/** Rolls out the objects of phases of one class, in this or another cluster. */
export function createObjectSetPhaseReconcile(stores: Stores, runtime: PhaseRuntime): Reconcile {
  return async (key, options) => {
    const phase = stores.phases.get(key);
    if (phase?.metadata.labels?.[labels.phaseClass] !== runtime.phaseClass) return {};
    if (isBeingDeleted(phase)) return teardown(stores, runtime, phase, options);
    const held = await stores.phases.hold(phase, [finalizers.cached], options);
    return rollOut(stores, runtime, held, options);
  };
}

async function rollOut(
  stores: Stores,
  runtime: PhaseRuntime,
  phase: ObjectSetPhase,
  options: CallOptions,
): Promise<Outcome> {
  const conditions = editConditions(phase, runtime.clock.now());
  const status = { ...phase.status };
  const prober = validate(phase);
  let blocked: { reason: string; message: string } | undefined;
  if (typeof prober === "string") {
    blocked = { reason: "PreflightError", message: prober };
  } else {
    runtime.cache.register(
      cacheUser(phase),
      phase.spec.objects.map(({ object }) => object),
    );
    const revision = await revisionOf(stores, runtime, phase, options);
    const work = { name: phase.metadata.name ?? "", objects: phase.spec.objects };
    const result = await reconcilePhase(runtime, work, revision, { prober, ...options });
    blocked = blockedBy(result);
    if (blocked === undefined) {
      report(conditions, phase, result);
      status.controllerOf = result.objects
        .filter(({ controlled }) => controlled)
        .map(({ live, manifest }) => controlledObject(identityOf(live ?? manifest)));
    }
  }
  if (blocked) reportBlocked(conditions, blocked);
  await stores.phases.writeStatus(phase, { ...status, conditions: conditions.list() }, options);
  return blocked ? { requeueAfterMs: userProblemRetry } : {};
}

/** What is wrong with a phase before its objects are looked at, or its compiled probes. */
function validate(phase: ObjectSetPhase): Prober | string {
  const { name = "" } = phase.metadata;
  const duplicates = findDuplicates([{ name, objects: phase.spec.objects }]);
  if (duplicates.length > 0) return duplicates.join(", ");
  return readProbes(phase.spec.availabilityProbes);
}

async function revisionOf(
  stores: Stores,
  runtime: PhaseRuntime,
  phase: ObjectSetPhase,
  options: CallOptions,
): Promise<Revision> {
  return {
    owner: ownerOf(phase),
    ownership: runtime.ownership,
    number: phase.spec.revision,
    namespace: phase.metadata.namespace ?? "",
    labels: packageLabels(phase),
    paused: phase.spec.paused ?? false,
    forceAdoption: false,
    isSibling: await phaseSiblingTest(stores, phase, options),
  };
}

function blockedBy(result: PhaseResult): { reason: string; message: string } | undefined {
  if (result.violations.length > 0) {
    return { reason: "PreflightError", message: formatPhaseViolations(result.name, result.violations) };
  }
  const message = collisionMessage(result);
  return message === undefined ? undefined : { reason: "CollisionDetected", message };
}

function report(conditions: ConditionEdit, phase: ObjectSetPhase, result: PhaseResult): void {
  const { available, paused } = conditionTypes;
  conditions.map(
    result.objects.flatMap(({ mapped }) => mapped),
    { complete: true },
  );
  conditions.set(
    isComplete(result)
      ? {
          type: available,
          status: "True",
          reason: "Available",
          message: "Object is available and passes all probes.",
        }
      : { type: available, status: "False", reason: "ProbeFailure", message: formatPhaseReport(result) },
  );
  conditions.put(
    paused,
    phase.spec.paused
      ? { type: paused, status: "True", reason: "Paused", message: "Lifecycle state set to paused." }
      : undefined,
  );
}

/** How soon to look again when no event will tell that an object is gone, and when one should. */
const [unwatchedRetry, watchedRetry] = [1000, 10_000];

async function teardown(
  stores: Stores,
  runtime: PhaseRuntime,
  phase: ObjectSetPhase,
  options: CallOptions,
): Promise<Outcome> {
  const held = phase.metadata.finalizers ?? [];
  if (!held.includes(finalizers.cached)) return {};
  if (!held.includes(finalizers.orphan)) {
    runtime.cache.register(
      cacheUser(phase),
      phase.spec.objects.map(({ object }) => object),
    );
    const revision = await revisionOf(stores, runtime, phase, options);
    const work = { name: phase.metadata.name ?? "", objects: phase.spec.objects };
    const { waiting, unwatched } = await teardownPhase(runtime, work, revision, options);
    if (waiting.length > 0) return { requeueAfterMs: unwatched ? unwatchedRetry : watchedRetry };
  }
  runtime.cache.unregister(cacheUser(phase));
  await stores.phases.release(phase, [finalizers.cached], options);
  return {};
}
