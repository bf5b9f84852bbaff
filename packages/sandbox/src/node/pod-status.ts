import { withCondition } from "../controllers/conditions.ts";
import { getNumber, getObjects, getString, type JsonObject } from "../json.ts";
import type { ContainerRunner } from "./container-runner.ts";

/** What a Pod's status is made of. */
export interface PodStatusInput {
  readonly pod: JsonObject;
  readonly init: readonly ContainerRunner[];
  readonly main: readonly ContainerRunner[];
  readonly address: string;
  readonly startTime: string;
  readonly now: Date;
}

/** The status a node reports for a Pod. */
export function podStatus({ pod, init, main, address, startTime, now }: PodStatusInput): JsonObject {
  const initialized = init.every(({ exitCode }) => exitCode === 0);
  const phase = phaseOf(pod, init, main, initialized);
  const ended = phase === "Succeeded" || phase === "Failed";
  const ready = !ended && initialized && main.every((container) => container.ready);
  const names = main.filter((container) => !container.ready).map(({ name }) => name);
  const notReady =
    phase === "Succeeded"
      ? { reason: "PodCompleted", message: "" }
      : { reason: "ContainersNotReady", message: `containers with unready status: [${names.join(" ")}]` };
  let conditions = getObjects(pod, "status", "conditions");
  const set = (type: string, met: boolean, why: { reason: string; message: string }): void => {
    conditions = withCondition(
      conditions,
      { type, status: met ? "True" : "False", ...(met ? { reason: "", message: "" } : why) },
      now,
    );
  };
  set("PodReadyToStartContainers", true, { reason: "", message: "" });
  set("Initialized", initialized, {
    reason: "ContainersNotInitialized",
    message: `containers with incomplete status: [${init
      .filter(({ exitCode }) => exitCode !== 0)
      .map(({ name }) => name)
      .join(" ")}]`,
  });
  set("Ready", ready, notReady);
  set("ContainersReady", ready, notReady);
  set("PodScheduled", true, { reason: "", message: "" });
  return {
    observedGeneration: getNumber(pod, "metadata", "generation") ?? 0,
    phase,
    conditions,
    hostIP: "127.0.0.1",
    hostIPs: [{ ip: "127.0.0.1" }],
    podIP: address,
    podIPs: [{ ip: address }],
    startTime,
    ...(init.length === 0 ? {} : { initContainerStatuses: init.map(containerStatus) }),
    containerStatuses: main.map(containerStatus),
    qosClass: getString(pod, "status", "qosClass"),
  };
}

function containerStatus(container: ContainerRunner): JsonObject {
  return {
    name: container.name,
    state: container.state,
    lastState: container.lastState,
    ready: container.ready,
    restartCount: container.restarts,
    image: getString(container.spec, "image"),
    imageID: container.imageId,
    ...(container.containerId === "" ? {} : { containerID: container.containerId }),
    started: container.started,
  };
}

function phaseOf(
  pod: JsonObject,
  init: readonly ContainerRunner[],
  main: readonly ContainerRunner[],
  initialized: boolean,
): string {
  const policy = getString(pod, "spec", "restartPolicy");
  const never = policy === "Never";
  if (never && init.some(({ exitCode }) => exitCode !== undefined && exitCode !== 0)) return "Failed";
  if (!initialized) return "Pending";
  const codes = main.map(({ exitCode }) => exitCode);
  const deleting = getString(pod, "metadata", "deletionTimestamp") !== "";
  if (codes.every((code) => code !== undefined) && (policy !== "Always" || deleting)) {
    if (codes.every((code) => code === 0)) return "Succeeded";
    if (never || deleting) return "Failed";
  }
  const begun = main.every(({ state, restarts }) => state["waiting"] === undefined || restarts > 0);
  return begun ? "Running" : "Pending";
}
