import { getNumber, getObject, getObjects, getString, isTrue, type JsonObject } from "../json.ts";
import { formatTime } from "../verbs/api-context.ts";
import { type Condition, hasCondition, withCondition } from "./conditions.ts";
import { type ControlLoop, ownKey, splitKey, startControlLoop } from "./control-loop.ts";
import type { ControllerContext } from "./controller-context.ts";
import { createLocalClient, type LocalClient, localRef, statusOf } from "./local-client.ts";
import { claimObjects, controllerKey } from "./owned-objects.ts";
import { isActive, podFromTemplate, readySince } from "./pod-state.ts";

const collection = "batch/jobs";
const firstBackoff = 10_000;
const lastBackoff = 600_000;

/** Runs Jobs to completion or to failure. */
export function startJobController({ api, onError }: ControllerContext): ControlLoop {
  const client = createLocalClient(api, "job-controller");
  return startControlLoop({
    store: api.store,
    name: "job",
    watches: {
      [collection]: ownKey,
      "/pods": ({ object }) => controllerKey(object, "Job"),
    },
    onError,
    reconcile: (key, loop) => {
      const job = client.get({ collection, ...splitKey(key) });
      if (job === undefined || getString(job, "metadata", "deletionTimestamp") !== "") return;
      if (hasCondition(job, "Complete") || hasCondition(job, "Failed")) return;
      const recheck = runJob(client, job, api.now());
      if (recheck !== undefined) loop.enqueue(key, recheck);
    },
  });
}

interface JobState {
  readonly job: JsonObject;
  readonly pods: readonly JsonObject[];
  readonly active: readonly JsonObject[];
  readonly succeeded: number;
  readonly failed: readonly JsonObject[];
  readonly started: number;
}

/** One step; gives the milliseconds until the next one is due without a change. */
function runJob(client: LocalClient, job: JsonObject, now: Date): number | undefined {
  const suspended = isTrue(job, "spec", "suspend");
  const pods = claimObjects(client, job, "/pods");
  const active = pods.filter(isActive);
  const startTime = getString(job, "status", "startTime") || formatTime(now);
  const state: JobState = {
    job,
    pods,
    active,
    succeeded: pods.filter((pod) => getString(pod, "status", "phase") === "Succeeded").length,
    failed: pods.filter((pod) => getString(pod, "status", "phase") === "Failed"),
    started: Date.parse(startTime),
  };
  if (suspended) {
    for (const pod of active) client.delete(localRef("/pods", pod));
    const condition = {
      type: "Suspended",
      status: "True",
      reason: "JobSuspended",
      message: "Job suspended",
    } as const;
    writeStatus(client, { ...state, active: [] }, [condition], now, undefined);
    return undefined;
  }
  const failure = failureOf(state, now);
  if (failure !== undefined) {
    for (const pod of active) client.delete(localRef("/pods", pod));
    const conditions = ["FailureTarget", "Failed"].map((type) => trueCondition(type, failure));
    writeStatus(client, { ...state, active: [] }, conditions, now, startTime);
    return undefined;
  }
  if (isComplete(state)) {
    const reason = { reason: "CompletionsReached", message: "Reached expected number of succeeded pods" };
    const conditions = ["SuccessCriteriaMet", "Complete"].map((type) => trueCondition(type, reason));
    writeStatus(client, state, conditions, now, startTime);
    return undefined;
  }
  const wait = startPods(client, state, now);
  const resumed = hasCondition(job, "Suspended")
    ? [{ type: "Suspended", status: "False", reason: "JobResumed", message: "Job resumed" } as const]
    : [];
  const fresh = claimObjects(client, job, "/pods").filter(isActive);
  writeStatus(client, { ...state, active: fresh }, resumed, now, startTime);
  const deadline = getNumber(job, "spec", "activeDeadlineSeconds");
  const waits = [wait, deadline === undefined ? undefined : state.started + deadline * 1000 - now.getTime()];
  const due = waits.filter((value) => value !== undefined);
  return due.length === 0 ? undefined : Math.max(1, Math.min(...due));
}

function isComplete({ job, succeeded, active }: JobState): boolean {
  const completions = getNumber(job, "spec", "completions");
  return completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= completions;
}

function failureOf(
  { job, active, failed, started }: JobState,
  now: Date,
): { reason: string; message: string } | undefined {
  const deadline = getNumber(job, "spec", "activeDeadlineSeconds");
  if (deadline !== undefined && now.getTime() >= started + deadline * 1000) {
    return { reason: "DeadlineExceeded", message: "Job was active longer than specified deadline" };
  }
  const limit = getNumber(job, "spec", "backoffLimit") ?? 6;
  const restarts = active.reduce((sum, pod) => sum + restartsOf(pod), 0);
  const onFailure = getString(job, "spec", "template", "spec", "restartPolicy") === "OnFailure";
  const tooOften = onFailure && (limit === 0 ? restarts > 0 : restarts >= limit && restarts > 0);
  return failed.length > limit || tooOften
    ? { reason: "BackoffLimitExceeded", message: "Job has reached the specified backoff limit" }
    : undefined;
}

function restartsOf(pod: JsonObject): number {
  return getObjects(pod, "status", "containerStatuses").reduce(
    (sum, status) => sum + (getNumber(status, "restartCount") ?? 0),
    0,
  );
}

/** Starts Pods up to the parallelism; after failures only once the back-off has passed, which it returns. */
function startPods(
  client: LocalClient,
  { job, active, failed, succeeded }: JobState,
  now: Date,
): number | undefined {
  const parallelism = getNumber(job, "spec", "parallelism") ?? 1;
  const completions = getNumber(job, "spec", "completions");
  const wanted =
    completions === undefined
      ? succeeded > 0
        ? active.length
        : parallelism
      : Math.min(parallelism, completions - succeeded);
  for (const pod of active.slice(wanted)) client.delete(localRef("/pods", pod));
  if (active.length >= wanted) return undefined;
  if (failed.length > 0) {
    const last = Math.max(...failed.map(finishedAt));
    const wait = last + Math.min(firstBackoff * 2 ** (failed.length - 1), lastBackoff) - now.getTime();
    if (wait > 0) return wait;
  }
  for (let missing = wanted - active.length; missing > 0; missing--)
    client.create("/pods", podFromTemplate(job));
  return undefined;
}

function finishedAt(pod: JsonObject): number {
  const ends = getObjects(pod, "status", "containerStatuses").map((status) =>
    Date.parse(getString(status, "state", "terminated", "finishedAt")),
  );
  return Math.max(0, ...ends.filter((end) => !Number.isNaN(end)));
}

function trueCondition(type: string, { reason, message }: { reason: string; message: string }): Condition {
  return { type, status: "True", reason, message };
}

function writeStatus(
  client: LocalClient,
  { job, active, succeeded, failed }: JobState,
  set: readonly Condition[],
  now: Date,
  startTime: string | undefined,
): void {
  let conditions = getObjects(statusOf(job), "conditions");
  for (const condition of set) conditions = withCondition(conditions, condition, now, "lastProbeTime");
  const complete = set.some(({ type }) => type === "Complete");
  const ready = active.filter((pod) => readySince(pod) !== undefined).length;
  const status: JsonObject = {
    ...(conditions.length === 0 ? {} : { conditions }),
    ...(startTime === undefined ? {} : { startTime }),
    ...(complete ? { completionTime: formatTime(now) } : {}),
    ...(active.length === 0 ? {} : { active: active.length }),
    ...(succeeded === 0 ? {} : { succeeded }),
    ...(failed.length === 0 ? {} : { failed: failed.length }),
    ready,
    terminating: 0,
    uncountedTerminatedPods: getObject(statusOf(job), "uncountedTerminatedPods") ?? {},
  };
  client.updateStatus(localRef(collection, job), status);
}
