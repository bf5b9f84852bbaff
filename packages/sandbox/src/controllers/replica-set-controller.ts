import {
  getNumber,
  getObject,
  getObjects,
  getString,
  type JsonObject,
  labelsOf,
  nameOf,
  namespaceOf,
} from "../json.ts";
import { withCondition } from "./conditions.ts";
import { type ControlLoop, ownKey, splitKey, startControlLoop } from "./control-loop.ts";
import type { ControllerContext } from "./controller-context.ts";
import { createLocalClient, localRef, type LocalClient, statusOf } from "./local-client.ts";
import { claimObjects, controllerKey } from "./owned-objects.ts";
import { isActive, podFromTemplate, readySince } from "./pod-state.ts";

const collection = "apps/replicasets";

/** Keeps as many Pods of every ReplicaSet as it wants. */
export function startReplicaSetController({ api, onError }: ControllerContext): ControlLoop {
  const client = createLocalClient(api, "replicaset-controller");
  return startControlLoop({
    store: api.store,
    name: "replicaset",
    watches: {
      [collection]: ownKey,
      "/pods": ({ object }) =>
        controllerKey(object, "ReplicaSet").length > 0
          ? controllerKey(object, "ReplicaSet")
          : orphanKeys(client, object),
    },
    onError,
    reconcile: (key, loop) => {
      const set = client.get({ collection, ...splitKey(key) });
      if (set === undefined) return;
      const pods = claimObjects(client, set, "/pods");
      let failure: unknown;
      if (getString(set, "metadata", "deletionTimestamp") === "")
        failure = scale(client, set, pods.filter(isActive));
      const now = api.now();
      const recheck = updateStatus(client, set, pods.filter(isActive), now, failure);
      if (recheck !== undefined) loop.enqueue(key, recheck);
      if (failure !== undefined) throw failure;
    },
  });
}

/** A Pod without a controller may concern any ReplicaSet of its namespace. */
function orphanKeys(client: LocalClient, pod: JsonObject): string[] {
  if (getObjects(pod, "metadata", "ownerReferences").length > 0) return [];
  return client.list(collection, namespaceOf(pod)).map((set) => `${namespaceOf(set)}/${nameOf(set)}`);
}

/** Creates or deletes Pods; gives back why a Pod could not be made. */
function scale(client: LocalClient, set: JsonObject, pods: readonly JsonObject[]): unknown {
  const wanted = getNumber(set, "spec", "replicas") ?? 1;
  for (let missing = wanted - pods.length; missing > 0; missing--) {
    try {
      client.create("/pods", podFromTemplate(set));
    } catch (error) {
      return error;
    }
  }
  const surplus = pods.toSorted(byWorth).slice(0, Math.max(0, pods.length - wanted));
  for (const pod of surplus) client.delete(localRef("/pods", pod));
  return undefined;
}

/** Pods to give up first: without a node, not ready, young. */
function byWorth(a: JsonObject, b: JsonObject): number {
  const rank = (pod: JsonObject): number =>
    (getString(pod, "spec", "nodeName") === "" ? 0 : 2) + (readySince(pod) === undefined ? 0 : 1);
  const created = (pod: JsonObject): string => getString(pod, "metadata", "creationTimestamp");
  return rank(a) - rank(b) || (created(a) < created(b) ? 1 : -1);
}

/** Milliseconds after which a Pod may count as available, if any waits for that. */
function updateStatus(
  client: LocalClient,
  set: JsonObject,
  pods: readonly JsonObject[],
  now: Date,
  failure: unknown,
): number | undefined {
  const labels = Object.entries(getObject(set, "spec", "template", "metadata", "labels") ?? {});
  const labelled = pods.filter((pod) => labels.every(([key, value]) => labelsOf(pod)[key] === value));
  const minReady = (getNumber(set, "spec", "minReadySeconds") ?? 0) * 1000;
  const ready = pods.flatMap((pod) => readySince(pod) ?? []);
  const waits = ready.map((since) => since + minReady - now.getTime()).filter((wait) => wait > 0);
  const conditions = failureConditions(set, failure, now);
  const status: JsonObject = {
    replicas: pods.length,
    fullyLabeledReplicas: labelled.length,
    readyReplicas: ready.length,
    availableReplicas: ready.length - waits.length,
    observedGeneration: getNumber(set, "metadata", "generation") ?? 0,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
  client.updateStatus(localRef(collection, set), status);
  return waits.length === 0 ? undefined : Math.min(...waits);
}

function failureConditions(set: JsonObject, failure: unknown, now: Date): JsonObject[] {
  if (failure === undefined) return [];
  return withCondition(
    getObjects(statusOf(set), "conditions"),
    {
      type: "ReplicaFailure",
      status: "True",
      reason: "FailedCreate",
      message: failure instanceof Error ? failure.message : "",
    },
    now,
  );
}
