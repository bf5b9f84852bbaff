import { getNumber, getString, isTrue, type JsonObject, uidOf } from "../json.ts";
import { type ControlLoop, ownKey, splitKey, startControlLoop } from "./control-loop.ts";
import type { ControllerContext } from "./controller-context.ts";
import { deploymentStatus } from "./deployment-status.ts";
import { createLocalClient, type LocalClient, localRef } from "./local-client.ts";
import { claimObjects, controllerKey } from "./owned-objects.ts";
import { rollingLimits } from "./rolling-limits.ts";
import { findNewSet, makeNewSet, pruneHistory, replicasOf, scaleSet } from "./replica-set-revisions.ts";

const collection = "apps/deployments";

/** Rolls Deployments out through ReplicaSets. */
export function startDeploymentController({ api, onError }: ControllerContext): ControlLoop {
  const client = createLocalClient(api, "deployment-controller");
  return startControlLoop({
    store: api.store,
    name: "deployment",
    watches: {
      [collection]: ownKey,
      "apps/replicasets": ({ object }) => controllerKey(object, "Deployment"),
    },
    onError,
    reconcile: (key, loop) => {
      const deployment = client.get({ collection, ...splitKey(key) });
      if (deployment === undefined) return;
      const sets = claimObjects(client, deployment, "apps/replicasets");
      const deleting = getString(deployment, "metadata", "deletionTimestamp") !== "";
      const paused = isTrue(deployment, "spec", "paused");
      const rolled = deleting ? sets : rollOut(client, deployment, sets, paused);
      const fresh = client.get(localRef(collection, deployment));
      if (fresh === undefined || uidOf(fresh) !== uidOf(deployment)) return;
      const { status, recheck } = deploymentStatus(fresh, rolled, findNewSet(fresh, rolled), api.now());
      client.updateStatus(localRef(collection, fresh), status);
      if (recheck !== undefined) loop.enqueue(key, recheck);
      if (!deleting) pruneHistory(client, fresh, rolled);
    },
  });
}

/** One step of the roll-out; the next comes with the next change of a ReplicaSet. */
function rollOut(
  client: LocalClient,
  deployment: JsonObject,
  sets: readonly JsonObject[],
  paused: boolean,
): JsonObject[] {
  const found = findNewSet(deployment, sets);
  if (paused) return scaleWhilePaused(client, deployment, sets, found);
  const recreate = getString(deployment, "spec", "strategy", "type") === "Recreate";
  const old = sets.filter((set) => set !== found);
  if (recreate && old.some((set) => replicasOf(set) > 0 || (getNumber(set, "status", "replicas") ?? 0) > 0)) {
    return [...old.map((set) => scaleSet(client, set, 0)), ...(found === undefined ? [] : [found])];
  }
  const current = makeNewSet(client, deployment, sets, found, recreate ? wantedOf(deployment) : 0);
  if (recreate) return [...old, scaleSet(client, current, wantedOf(deployment))];
  return rollOver(client, deployment, current, old);
}

/** The rolling step: grow the new set within the surge, then shrink the old ones within what must stay available. */
function rollOver(
  client: LocalClient,
  deployment: JsonObject,
  current: JsonObject,
  old: readonly JsonObject[],
): JsonObject[] {
  const wanted = wantedOf(deployment);
  const { surge, unavailable } = rollingLimits(deployment, wanted);
  const total = sum([current, ...old].map(replicasOf));
  const grown =
    replicasOf(current) > wanted
      ? scaleSet(client, current, wanted)
      : scaleSet(
          client,
          current,
          Math.min(wanted, replicasOf(current) + Math.max(0, wanted + surge - total)),
        );
  const all = sum([grown, ...old].map(replicasOf));
  const newMissing = replicasOf(grown) - (getNumber(grown, "status", "availableReplicas") ?? 0);
  let budget = all - (wanted - unavailable) - newMissing;
  const shrunk: JsonObject[] = [];
  // Pods that do not work go first: they cost no availability.
  const byHealth = old.toSorted((a, b) => availableOf(a) - replicasOf(a) - (availableOf(b) - replicasOf(b)));
  for (const set of byHealth) {
    const cut = Math.max(0, Math.min(budget, replicasOf(set)));
    budget -= cut;
    shrunk.push(cut === 0 ? set : scaleSet(client, set, replicasOf(set) - cut));
  }
  return [grown, ...shrunk];
}

function scaleWhilePaused(
  client: LocalClient,
  deployment: JsonObject,
  sets: readonly JsonObject[],
  found: JsonObject | undefined,
): JsonObject[] {
  const active = sets.filter((set) => replicasOf(set) > 0);
  const target = active.length === 1 ? active[0] : found;
  return sets.map((set) => (set === target ? scaleSet(client, set, wantedOf(deployment)) : set));
}

function wantedOf(deployment: JsonObject): number {
  return getNumber(deployment, "spec", "replicas") ?? 1;
}

function availableOf(set: JsonObject): number {
  return getNumber(set, "status", "availableReplicas") ?? 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
