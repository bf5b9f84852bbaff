import { getNumber, getObjects, getString, isTrue, type JsonObject, nameOf } from "../json.ts";
import { withCondition } from "./conditions.ts";
import { statusOf } from "./local-client.ts";
import { rollingLimits } from "./rolling-limits.ts";

/** A status, and when to look again although nothing changed. */
interface ComputedStatus {
  readonly status: JsonObject;
  readonly recheck: number | undefined;
}

/** The status of a Deployment from its ReplicaSets, with the conditions `Available` and `Progressing`. */
export function deploymentStatus(
  deployment: JsonObject,
  sets: readonly JsonObject[],
  current: JsonObject | undefined,
  now: Date,
): ComputedStatus {
  const total = (field: string): number =>
    sets.reduce((sum, set) => sum + (getNumber(set, "status", field) ?? 0), 0);
  const replicas = total("replicas");
  const available = total("availableReplicas");
  const ready = total("readyReplicas");
  const updated = current === undefined ? 0 : (getNumber(current, "status", "replicas") ?? 0);
  const wanted = getNumber(deployment, "spec", "replicas") ?? 1;
  const unavailable = Math.max(0, Math.max(replicas, wanted) - available);
  const counts = { replicas, updatedReplicas: updated, readyReplicas: ready, availableReplicas: available };
  const before = statusOf(deployment);
  const collisionCount = getNumber(before, "collisionCount");
  const done = updated === wanted && replicas === wanted && available === wanted;
  const moved = Object.entries(counts).some(([field, value]) => (getNumber(before, field) ?? 0) !== value);
  const progress = progressCondition(deployment, current, { done, moved }, now);
  return {
    status: {
      observedGeneration: getNumber(deployment, "metadata", "generation") ?? 0,
      ...counts,
      ...(unavailable === 0 ? {} : { unavailableReplicas: unavailable }),
      ...(collisionCount === undefined ? {} : { collisionCount }),
      conditions: withAvailability(progress.conditions, deployment, available, wanted, now),
    },
    recheck: progress.recheck,
  };
}

function withAvailability(
  conditions: readonly JsonObject[],
  deployment: JsonObject,
  available: number,
  wanted: number,
  now: Date,
): JsonObject[] {
  const enough = available >= wanted - rollingLimits(deployment, wanted).unavailable;
  return withCondition(
    conditions,
    enough
      ? {
          type: "Available",
          status: "True",
          reason: "MinimumReplicasAvailable",
          message: "Deployment has minimum availability.",
        }
      : {
          type: "Available",
          status: "False",
          reason: "MinimumReplicasUnavailable",
          message: "Deployment does not have minimum availability.",
        },
    now,
    "lastUpdateTime",
  );
}

function progressCondition(
  deployment: JsonObject,
  current: JsonObject | undefined,
  { done, moved }: { done: boolean; moved: boolean },
  now: Date,
): { conditions: JsonObject[]; recheck: number | undefined } {
  const conditions = getObjects(deployment, "status", "conditions");
  const set = current === undefined ? "" : ` ReplicaSet ${JSON.stringify(nameOf(current))}`;
  const put = (status: "True" | "False" | "Unknown", reason: string, message: string): JsonObject[] =>
    withCondition(conditions, { type: "Progressing", status, reason, message }, now, "lastUpdateTime");
  if (isTrue(deployment, "spec", "paused")) {
    return { conditions: put("Unknown", "DeploymentPaused", "Deployment is paused"), recheck: undefined };
  }
  if (done) {
    const message = `${set.trimStart()} has successfully progressed.`;
    return { conditions: put("True", "NewReplicaSetAvailable", message), recheck: undefined };
  }
  const old = conditions.find((condition) => condition["type"] === "Progressing");
  const finished =
    old === undefined || ["NewReplicaSetAvailable", "DeploymentPaused"].includes(getString(old, "reason"));
  if (finished || moved) {
    const message = `${set.trimStart()} is progressing.`;
    const fresh = conditions.filter((condition) => condition !== old || finished);
    const next = withCondition(
      finished
        ? fresh
        : conditions.map((condition) => (condition === old ? { ...condition, message: "" } : condition)),
      { type: "Progressing", status: "True", reason: "ReplicaSetUpdated", message },
      now,
      "lastUpdateTime",
    );
    return { conditions: next, recheck: deadlineOf(deployment) };
  }
  const since = Date.parse(getString(old, "lastUpdateTime"));
  const left = since + deadlineOf(deployment) - now.getTime();
  if (left > 0) return { conditions, recheck: left };
  const message = `${set.trimStart()} has timed out progressing.`;
  return { conditions: put("False", "ProgressDeadlineExceeded", message), recheck: undefined };
}

function deadlineOf(deployment: JsonObject): number {
  return (getNumber(deployment, "spec", "progressDeadlineSeconds") ?? 600) * 1000;
}
