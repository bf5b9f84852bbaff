import { conditionTypes } from "@package-operator/api";
import { type ConditionValue, currentMapped, findCondition, findCurrentCondition } from "../conditions.ts";
import type { ControlledObject, ObjectSet } from "../resources.ts";
import { type Revisions, revisionNumber } from "./revisions.ts";

/** What a deployment reports of its revisions. `available` undefined leaves the condition as it is. */
export interface DeploymentReport {
  readonly available: ConditionValue | undefined;
  readonly progressing: ConditionValue;
  /** Undefined removes the condition. */
  readonly paused: ConditionValue | undefined;
  readonly mapped: readonly ConditionValue[];
  /** Undefined leaves the number as it is. */
  readonly revision: number | undefined;
  readonly controllerOf: readonly ControlledObject[];
}

/** Sums up the revisions of a deployment. */
export function reportRevisions({ current, previous }: Revisions): DeploymentReport {
  const newest = current ?? previous.at(-1);
  return {
    ...judge(current, previous),
    paused: judgePause(current),
    mapped: current === undefined ? [] : currentMapped(current),
    revision: newest && revisionNumber(newest),
    controllerOf: [...previous, ...(current ? [current] : [])].map(referenceTo),
  };
}

function judge(
  current: ObjectSet | undefined,
  previous: readonly ObjectSet[],
): Pick<DeploymentReport, "available" | "progressing"> {
  const { available: type } = conditionTypes;
  if (current === undefined) {
    const progressing = progress("True", "Progressing", "Progressing to a new ObjectSet.");
    return { available: fromPrevious(previous), progressing };
  }
  const available = findCondition(current, type);
  if (findCondition(current, conditionTypes.succeeded)?.status === "True") {
    const latest = {
      type,
      status: "True",
      reason: "Available",
      message: "Latest Revision is Available.",
    } as const;
    return {
      available: available?.status === "True" ? latest : fromPrevious(previous),
      progressing: progress("False", "Idle", "Update concluded."),
    };
  }
  const pending = (message: string) => progress("True", "LatestRevisionPendingSuccess", message);
  if (available === undefined) {
    return { available: undefined, progressing: pending("Latest Revision Status Unknown") };
  }
  if (available.status === "False") {
    const progressing = pending(`Latest Revision is Unavailable: ${available.message}`);
    return { available: fromPrevious(previous), progressing };
  }
  const progressing = pending("Latest Revision is Available: pending success delay period");
  return { available: undefined, progressing };
}

function progress(status: "True" | "False", reason: string, message: string): ConditionValue {
  return { type: conditionTypes.progressing, status, reason, message };
}

function fromPrevious(previous: readonly ObjectSet[]): ConditionValue {
  const { available: type } = conditionTypes;
  const serving = previous.find((set) => findCurrentCondition(set, type)?.status === "True");
  if (serving === undefined) {
    return { type, status: "False", reason: "ObjectSetUnready", message: "No ObjectSet is available." };
  }
  const message = `Previous Revision '${serving.metadata.name}' is still Available.`;
  return { type, status: "True", reason: "Available", message };
}

function judgePause(current: ObjectSet | undefined): ConditionValue | undefined {
  const type = conditionTypes.paused;
  const paused = current && findCondition(current, type);
  if (paused?.status !== "True") return undefined;
  const message = `Latest revision is paused: ${paused.message}`;
  return { type, status: "True", reason: "Paused", message };
}

function referenceTo(set: ObjectSet): ControlledObject {
  const { name = "", namespace } = set.metadata;
  return {
    kind: set.kind,
    group: "package-operator.run",
    name,
    version: "",
    ...(namespace === undefined ? {} : { namespace }),
  };
}
