import { conditionTypes, finalizers } from "@package-operator/api";
import type { CallOptions } from "@package-operator/kube";
import { teardownPhase, teardownRevision } from "@package-operator/rollout";
import { editConditions } from "../conditions.ts";
import type { ObjectSet } from "../resources.ts";
import { isBeingDeleted } from "../runtime/kind-store.ts";
import type { Outcome } from "../runtime/reconciler.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Stores } from "../runtime/stores.ts";
import { cacheUser, localKinds } from "./cache-user.ts";
import { teardownRemotePhase } from "./remote-phase.ts";
import { revisionOf } from "./revision.ts";
import { type LoadedPhase, loadPhases } from "./slices.ts";

/** How soon to look again when no event will tell that an object is gone, and when one should. */
const [unwatchedRetry, watchedRetry] = [1000, 10_000];

/** Takes down what a set has made, because it is deleted or archived, and lets go of it when nothing is left. */
export async function teardownObjectSet(
  stores: Stores,
  runtime: Runtime,
  set: ObjectSet,
  options: CallOptions,
): Promise<Outcome> {
  const { done, unwatched } = await teardownObjects(stores, runtime, set, options);
  const deleting = isBeingDeleted(set);
  let current = set;
  if (done) {
    runtime.cache.unregister(cacheUser(set));
    if (deleting) runtime.metrics.forgetObjectSet(set);
    const released = deleting ? [finalizers.cached, finalizers.metrics] : [finalizers.cached];
    current = await stores.sets.release(set, released, options);
  }
  if (!deleting) await reportArchival(stores, current, { done, now: runtime.clock.now(), ...options });
  return done ? {} : { requeueAfterMs: unwatched ? unwatchedRetry : watchedRetry };
}

async function teardownObjects(
  stores: Stores,
  runtime: Runtime,
  set: ObjectSet,
  options: CallOptions,
): Promise<{ done: boolean; unwatched: boolean }> {
  const held = set.metadata.finalizers ?? [];
  if (!held.includes(finalizers.cached) || held.includes(finalizers.orphan)) {
    return { done: true, unwatched: false };
  }
  const { phases } = await loadPhases(stores, set, options);
  runtime.cache.register(cacheUser(set), localKinds(phases));
  const revision = revisionOf(set, stores, runtime, options);
  const namespaceIsGoing = () => isNamespaceGoing(runtime, set, options);
  let unwatched = false;
  const done = await teardownRevision(phases, async (phase: LoadedPhase) => {
    if (phase.class !== "") return teardownRemotePhase(stores, set, phase, { ...options, namespaceIsGoing });
    const result = await teardownPhase(runtime, phase, revision, options);
    unwatched ||= result.unwatched;
    return result.waiting.length === 0;
  });
  return { done, unwatched };
}

async function isNamespaceGoing(runtime: Runtime, set: ObjectSet, options: CallOptions): Promise<boolean> {
  const { namespace } = set.metadata;
  if (namespace === undefined) return false;
  const found = await runtime.client.find({ apiVersion: "v1", kind: "Namespace", name: namespace }, options);
  return found?.metadata.deletionTimestamp !== undefined;
}

async function reportArchival(
  stores: Stores,
  set: ObjectSet,
  { done, now, ...options }: CallOptions & { done: boolean; now: number },
): Promise<void> {
  const { archived: type, available } = conditionTypes;
  const conditions = editConditions(set, now);
  conditions.remove(available);
  conditions.set(
    done
      ? { type, status: "True", reason: "Archived", message: "" }
      : { type, status: "False", reason: "ArchivalInProgress", message: "Object teardown in progress." },
  );
  const status = { ...set.status, conditions: conditions.list(), ...(done ? { controllerOf: [] } : {}) };
  await stores.sets.writeStatus(set, status, options);
}
