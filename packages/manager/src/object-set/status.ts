import { conditionTypes } from "@package-operator/api";
import { identityKey, type ObjectIdentity, type RevisionResult } from "@package-operator/rollout";
import { type ConditionEdit, type ConditionValue, findCondition } from "../conditions.ts";
import type { ControlledObject, ObjectSet, ObjectSetPhase } from "../resources.ts";
import type { LoadedPhase } from "./slices.ts";

/** The entry of `status.controllerOf`; other implementations compare it with an empty version. */
export function controlledObject({ group, kind, name, namespace }: ObjectIdentity): ControlledObject {
  return { kind, group, name, version: "", ...(namespace === "" ? {} : { namespace }) };
}

/** Whether some object of the set is not, or not any more, controlled by it. */
export function isInTransition(
  phases: readonly LoadedPhase[],
  controlled: readonly ObjectIdentity[],
  namespace: string,
): boolean {
  const own = new Set(controlled.map((object) => identityKey(object)));
  const anywhere = new Set(
    controlled.filter((object) => object.namespace === "").map((object) => identityKey(object)),
  );
  return phases.some(({ objects }) =>
    objects.some(({ object }) => {
      const { apiVersion, kind, metadata } = object;
      const group = apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
      const name = metadata.name ?? "";
      const place = metadata.namespace || namespace;
      return (
        !own.has(identityKey({ group, kind, name, namespace: place })) &&
        !anywhere.has(identityKey({ group, kind, name, namespace: "" }))
      );
    }),
  );
}

/** Sets what a pass over the phases says: availability, transition, mapped conditions. */
export function reportRollout(
  conditions: ConditionEdit,
  result: RevisionResult,
  options: { inTransition: boolean },
): void {
  conditions.map(result.mapped, { complete: result.finished });
  conditions.put(
    conditionTypes.inTransition,
    options.inTransition
      ? {
          type: conditionTypes.inTransition,
          status: "True",
          reason: "InTransition",
          message: "ObjectSet is still rolling out or is being replaced by a newer version.",
        }
      : undefined,
  );
  conditions.set(availability(result));
}

function availability({ failure }: RevisionResult): ConditionValue {
  const type = conditionTypes.available;
  if (failure === undefined) {
    const message = "Object is available and passes all probes.";
    return { type, status: "True", reason: "Available", message };
  }
  const message = `Phase "${failure.phase}" failed: ${failure.failures.join(", ")}`;
  return { type, status: "False", reason: "ProbeFailure", message };
}

/** Sets what keeps a roll-out from going on until a person changes something. */
export function reportBlocked(conditions: ConditionEdit, blocked: { reason: string; message: string }): void {
  conditions.set({ type: conditionTypes.available, status: "False", ...blocked });
}

/**
 * Sets `Succeeded`, once and for ever, when the set has been available for its success delay. Returns how long that
 * will still take, in milliseconds.
 */
export function reportSuccess(
  conditions: ConditionEdit,
  set: ObjectSet,
  options: { inTransition: boolean; now: number },
): number | undefined {
  const { inTransition, now } = options;
  const available = conditions.list().find(({ type }) => type === conditionTypes.available);
  if (available?.status !== "True" || inTransition || findCondition(set, conditionTypes.succeeded))
    return undefined;
  const delay = (set.spec.successDelaySeconds ?? 0) * 1000;
  // Times are stored in whole seconds, so "exceeds" needs the start of the next one.
  const remaining = delay === 0 ? 0 : Date.parse(available.lastTransitionTime) + delay + 1000 - now;
  if (remaining > 0) return remaining;
  conditions.set({
    type: conditionTypes.succeeded,
    status: "True",
    reason: "RolloutSuccess",
    message: "ObjectSet rolled out all objects successfully and was Available at least once.",
  });
  return undefined;
}

/** The `Paused` condition of a set, by its own state and that of its phase objects; undefined for none. */
export function judgePause(
  set: ObjectSet,
  remotePhases: readonly (ObjectSetPhase | undefined)[],
): ConditionValue | undefined {
  const type = conditionTypes.paused;
  const paused = set.spec.lifecycleState === "Paused";
  const phasesPaused =
    remotePhases.length === 0
      ? paused
      : remotePhases.every((phase) => phase && findCondition(phase, type)?.status === "True");
  const missing = remotePhases.includes(undefined);
  if (paused !== phasesPaused || missing) {
    const message = "Waiting for ObjectSetPhases.";
    return { type, status: "Unknown", reason: "PartiallyPaused", message };
  }
  if (!paused) return undefined;
  return { type, status: "True", reason: "Paused", message: "Lifecycle state set to paused." };
}
