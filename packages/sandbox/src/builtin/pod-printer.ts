import { getNumber, getObject, getObjects, getString, isTrue, type JsonObject, nameOf } from "../json.ts";
import { formatAge, formatDuration } from "./print-duration.ts";

const none = "<none>";

/** The cells of a Pod, with the status word that sums up phase, containers and deletion. */
export function podCells(pod: JsonObject, now: number): (string | number)[] {
  const statuses = getObjects(pod, "status", "containerStatuses");
  const total = getObjects(pod, "spec", "containers").length;
  const ready = statuses.filter((status) => isTrue(status, "ready")).length;
  const gates = getObjects(pod, "spec", "readinessGates").map((gate) => getString(gate, "conditionType"));
  const conditions = getObjects(pod, "status", "conditions");
  const passed = gates.filter((gate) =>
    conditions.some((condition) => condition["type"] === gate && condition["status"] === "True"),
  );
  return [
    nameOf(pod),
    `${ready}/${total}`,
    podState(pod),
    restartsText(statuses, now),
    formatAge(getString(pod, "metadata", "creationTimestamp"), now),
    getString(pod, "status", "podIP") || none,
    getString(pod, "spec", "nodeName") || none,
    getString(pod, "status", "nominatedNodeName") || none,
    gates.length === 0 ? none : `${passed.length}/${gates.length}`,
  ];
}

function restartsText(statuses: readonly JsonObject[], now: number): string {
  const restarts = statuses.reduce((sum, status) => sum + (getNumber(status, "restartCount") ?? 0), 0);
  const ends = statuses.map((status) =>
    Date.parse(getString(status, "lastState", "terminated", "finishedAt")),
  );
  const last = Math.max(...ends.filter((end) => !Number.isNaN(end)));
  return restarts === 0 || last === -Infinity
    ? String(restarts)
    : `${restarts} (${formatDuration(now - last)} ago)`;
}

/** What the STATUS column says; containers that are waiting or failed speak before the phase. */
function podState(pod: JsonObject): string {
  let state = getString(pod, "status", "reason") || getString(pod, "status", "phase");
  let running = false;
  for (const status of getObjects(pod, "status", "containerStatuses").toReversed()) {
    const waiting = getString(status, "state", "waiting", "reason");
    const terminated = getObject(status, "state", "terminated");
    if (waiting !== "") state = waiting;
    else if (terminated !== undefined) state = terminatedState(terminated);
    else if (isTrue(status, "ready") && getObject(status, "state", "running") !== undefined) running = true;
  }
  if (state === "Completed" && running) state = "Running";
  return getString(pod, "metadata", "deletionTimestamp") === "" ? state : "Terminating";
}

function terminatedState(terminated: JsonObject): string {
  const reason = getString(terminated, "reason");
  if (reason !== "") return reason;
  const signal = getNumber(terminated, "signal") ?? 0;
  return signal === 0 ? `ExitCode:${getNumber(terminated, "exitCode") ?? 0}` : `Signal:${signal}`;
}
