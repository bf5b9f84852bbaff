import { apiGroup, labels } from "@package-operator/api";
import { isNotFound, type KubeObject, parseApiVersion, refOf } from "@package-operator/kube";
import type { Cluster, RolloutOptions } from "./cluster.ts";
import { desiredObject } from "./desired-object.ts";
import { isController, isOwner, isSameOwner } from "./owner.ts";
import { checkPhase, type Phase } from "./phase-plan.ts";
import type { Revision } from "./revision-context.ts";

/** How far the removal of a phase is. */
export interface TeardownResult {
  /** Objects that were told to go and are still there. */
  readonly waiting: readonly KubeObject[];
  /** Some of them carry no cache label, so no event will tell when they are gone. */
  readonly unwatched: boolean;
}

/**
 * Removes the objects of a phase that the owner controls, and the owner from those it does not. Objects that could
 * never have been part of the phase are not touched, and nothing is rehearsed: an object that today's admission would
 * refuse still has to go. Call it again until nothing is waited for.
 */
export async function teardownPhase(
  cluster: Cluster,
  phase: Phase,
  revision: Revision,
  options: RolloutOptions = {},
): Promise<TeardownResult> {
  const { resources, violations } = await checkPhase(cluster, phase, revision, options);
  const refused = new Set(violations.map(({ object }) => object));
  const waiting = await Promise.all(
    phase.objects.map(async ({ object }, index) => {
      const resource = resources[index];
      if (resource === undefined || refused.has(object)) return undefined;
      return teardownObject(cluster, desiredObject(object, revision, resource), revision, options);
    }),
  );
  const left = waiting.filter((object) => object !== undefined);
  return { waiting: left, unwatched: left.some((object) => !object.metadata.labels?.[labels.cache]) };
}

/** Returns the object when it is not gone yet. Conflicts are thrown: somebody else was faster, look again. */
async function teardownObject(
  cluster: Cluster,
  desired: KubeObject,
  revision: Revision,
  options: RolloutOptions,
): Promise<KubeObject | undefined> {
  const { client } = cluster;
  const live = await client.find(refOf(desired), options);
  if (live === undefined || !isOwner(revision.ownership, live, revision.owner)) return undefined;
  if (!isController(revision.ownership, live, revision.owner)) {
    await removeOwner(cluster, live, revision, options);
    return undefined;
  }
  if (live.metadata.deletionTimestamp !== undefined) return live;
  const { uid, resourceVersion } = live.metadata;
  try {
    await client.delete(refOf(live), { ...options, preconditions: { uid, resourceVersion } });
    return live;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Takes the owner off, and the cache label with the last of our kinds. */
async function removeOwner(
  cluster: Cluster,
  live: KubeObject,
  revision: Revision,
  options: RolloutOptions,
): Promise<void> {
  const { resourceVersion } = live.metadata;
  const others = revision.ownership
    .owners(live)
    .filter((entry) => !isSameOwner(entry, revision.owner))
    .some((entry) => parseApiVersion(entry.apiVersion).group === apiGroup);
  const metadata = {
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...revision.ownership.removalPatch(live, revision.owner),
    ...(others ? {} : { labels: { [labels.cache]: null } }),
  };
  try {
    await cluster.client.patch(refOf(live), { type: "merge", body: { metadata } }, options);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
