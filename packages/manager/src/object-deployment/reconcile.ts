import { conditionTypes, templateHash } from "@package-operator/api";
import { type CallOptions, isNotFound } from "@package-operator/kube";
import { identityOf, type ObjectIdentity } from "@package-operator/rollout";
import { matchesSelector, selectorFromObject } from "@package-operator/schema";
import { editConditions, findCurrentCondition } from "../conditions.ts";
import { loadPhases } from "../object-set/slices.ts";
import type { ObjectDeployment, ObjectSet } from "../resources.ts";
import { isBeingDeleted } from "../runtime/kind-store.ts";
import type { Reconcile } from "../runtime/reconciler.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Stores } from "../runtime/stores.ts";
import { findBeyondLimit, findOutlived } from "./archive.ts";
import { createRevision } from "./new-revision.ts";
import { propagatePause } from "./pause.ts";
import { isPaused, revisionNumber, type Revisions, sortRevisions, splitRevisions } from "./revisions.ts";
import { reportRevisions } from "./status.ts";
import { takeOverSets } from "./take-over.ts";

/** How many previous sets are kept when a deployment does not say. */
const defaultHistory = 10;

/** Turns the template of a deployment into revisions, takes old ones out of service, and sums them up. */
export function createObjectDeploymentReconcile(stores: Stores, runtime: Runtime): Reconcile {
  return async (key, options) => {
    const deployment = stores.deployments.get(key);
    if (deployment?.spec?.template === undefined) return {};
    // In a foreground deletion the sets go first, and must not be made again.
    if (isBeingDeleted(deployment)) return {};
    const count = deployment.status?.collisionCount;
    const hash = templateHash(deployment.spec.template, count);
    let sets = findObjectSets(stores, deployment);
    if (sets.some((set) => revisionNumber(set) === 0)) {
      await stores.deployments.writeStatus(deployment, { ...deployment.status, templateHash: hash }, options);
      return {};
    }
    sets = await takeOverSets(stores.sets, deployment, sets, options);
    sets = await propagatePause(stores.sets, deployment, sets, options);
    const revisions = splitRevisions(sets, hash);
    const collided =
      !deployment.spec.paused && (await advance(stores, deployment, { ...revisions, hash }, options));
    await writeReport(stores, deployment, revisions, {
      now: runtime.clock.now(),
      status: { templateHash: hash, ...(collided ? { collisionCount: (count ?? 0) + 1 } : {}) },
      ...options,
    });
    return {};
  };
}

/** The sets the deployment's selector picks, oldest revision first. */
export function findObjectSets(stores: Stores, deployment: ObjectDeployment): ObjectSet[] {
  const selector = selectorFromObject(deployment.spec.selector);
  const sets = stores.sets.list({ namespace: deployment.metadata.namespace });
  return sortRevisions(sets.filter((set) => matchesSelector(selector, set.metadata.labels ?? {})));
}

/** Makes a missing revision, or retires old ones. True when the name of the new revision was taken. */
async function advance(
  stores: Stores,
  deployment: ObjectDeployment,
  revisions: Revisions & { hash: string },
  options: CallOptions,
): Promise<boolean> {
  const { current, previous, hash } = revisions;
  if (current !== undefined) {
    await retire(stores, deployment, { current, previous }, options);
    return false;
  }
  if ((deployment.spec.template.spec?.phases ?? []).length === 0) return false;
  return (
    (await createRevision(stores, deployment, { templateHash: hash, previous }, options)) === "collision"
  );
}

/** Pauses outlived sets, archives those that are paused, and deletes what is beyond the history limit. */
async function retire(
  stores: Stores,
  deployment: ObjectDeployment,
  { current, previous }: { current: ObjectSet; previous: readonly ObjectSet[] },
  options: CallOptions,
): Promise<void> {
  const objectsOf = (set: ObjectSet) => listObjects(stores, set, options);
  let archived = false;
  for (const set of await findOutlived([...previous, current], objectsOf)) {
    if (isPaused(set)) {
      await stores.sets.update({ ...set, spec: { ...set.spec, lifecycleState: "Archived" } }, options);
      archived = true;
    } else if (set.spec.lifecycleState !== "Paused") {
      await stores.sets.update({ ...set, spec: { ...set.spec, lifecycleState: "Paused" } }, options);
    }
  }
  const limit = deployment.spec.revisionHistoryLimit ?? defaultHistory;
  const surplus = findBeyondLimit(previous, limit, { onlyArchived: !archived });
  for (const set of surplus.filter(({ metadata }) => metadata.deletionTimestamp === undefined)) {
    await stores.sets.delete(set, options).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
}

async function listObjects(stores: Stores, set: ObjectSet, options: CallOptions): Promise<ObjectIdentity[]> {
  const { phases } = await loadPhases(stores, set, options);
  const fallback = set.metadata.namespace ?? "";
  return phases.flatMap(({ objects }) =>
    objects.map(({ object }) => {
      const identity = identityOf(object);
      return { ...identity, namespace: identity.namespace || fallback };
    }),
  );
}

async function writeReport(
  stores: Stores,
  deployment: ObjectDeployment,
  revisions: Revisions,
  options: CallOptions & { now: number; status: NonNullable<ObjectDeployment["status"]> },
): Promise<void> {
  const report = reportRevisions(revisions);
  const conditions = editConditions(deployment, options.now);
  const { current } = revisions;
  if (report.available) conditions.set(report.available);
  conditions.set(report.progressing);
  conditions.put(conditionTypes.paused, report.paused);
  const complete =
    current !== undefined && findCurrentCondition(current, conditionTypes.available) !== undefined;
  conditions.map(report.mapped, { complete });
  const status = {
    ...deployment.status,
    ...options.status,
    conditions: conditions.list(),
    ...(report.revision === undefined ? {} : { revision: report.revision }),
    controllerOf: [...report.controllerOf],
  };
  await stores.deployments.writeStatus(deployment, status, options);
}
