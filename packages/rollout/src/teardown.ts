import { apiGroup, labels } from "@package-operator/api";
import { isNotFound, type KubeObject, parseApiVersion, refOf } from "@package-operator/kube";
import { revisionOf } from "./adoption.ts";
import type { Cluster, RolloutOptions } from "./cluster.ts";
import { desiredObject } from "./desired-object.ts";
import { isController, isOwner, isSameOwner, type OwnerEntry } from "./owner.ts";
import { checkPhase, type Phase } from "./phase-plan.ts";
import type { Revision } from "./revision-context.ts";

/** How far the removal of a phase is. */
export interface TeardownResult {
  /** Objects that are still there: told to go, or held by somebody who is going too. */
  readonly waiting: readonly KubeObject[];
  /** Some of them carry no cache label, so no event will tell when they are gone. */
  readonly unwatched: boolean;
}

/**
 * Removes the objects of a phase that the owner controls, and the owner from those that somebody else keeps. Objects
 * that could never have been part of the phase are not touched, and nothing is rehearsed: an object that today's
 * admission would refuse still has to go. Call it again until nothing is waited for.
 */
export async function teardownPhase(
  cluster: Cluster,
  phase: Phase,
  revision: Revision,
  options: RolloutOptions = {},
): Promise<TeardownResult> {
  const { resources, violations } = await checkPhase(cluster, phase, revision, options);
  const refused = new Set(violations.map(({ object }) => object));
  const prospect = ownerProspects(cluster, revision, options);
  const waiting = await Promise.all(
    phase.objects.map(async ({ object }, index) => {
      const resource = resources[index];
      if (resource === undefined || refused.has(object)) return undefined;
      const desired = desiredObject(object, revision, resource);
      return teardownObject(cluster, desired, revision, { ...options, prospect });
    }),
  );
  const left = waiting.filter((object) => object !== undefined);
  return { waiting: left, unwatched: left.some((object) => !object.metadata.labels?.[labels.cache]) };
}

/**
 * Returns the object when it is not gone yet. Conflicts are thrown: somebody else was faster, look again.
 *
 * What a later revision took over is left only to an owner that stays. The garbage collector takes the reference to an
 * owner that is deleted in the foreground off an object that has another one, by a patch that looks at nothing else. If
 * that other one had let go meanwhile, nobody would own the object, and nobody would ever delete it.
 */
async function teardownObject(
  cluster: Cluster,
  desired: KubeObject,
  revision: Revision,
  options: RolloutOptions & { prospect: Prospects },
): Promise<KubeObject | undefined> {
  const { client } = cluster;
  const { ownership, owner } = revision;
  const live = await client.find(refOf(desired), options);
  if (live === undefined || !isOwner(ownership, live, owner)) return undefined;
  if (!isController(ownership, live, owner)) {
    const others = ownership.owners(live).filter((entry) => !isSameOwner(entry, owner));
    const prospects = await Promise.all(others.map((entry) => options.prospect(entry, live)));
    // Its controller takes it down, in the order of its own phases.
    if (others.some(({ controller }, index) => controller && prospects[index] === "leaves")) return live;
    const isLeftBehind = revisionOf(live) > revision.number && !prospects.includes("stays");
    if (!isLeftBehind) {
      await removeOwner(cluster, live, revision, options);
      return undefined;
    }
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

/** Whether an owner of an object will be there tomorrow. */
type Prospects = (owner: OwnerEntry, object: KubeObject) => Promise<"stays" | "leaves" | "gone">;

/** Asks for every owner of our kinds once; those of other kinds, and those the garbage collector does not know, stay. */
function ownerProspects(cluster: Cluster, revision: Revision, options: RolloutOptions): Prospects {
  const asked = new Map<string, ReturnType<Prospects>>();
  const ask: Prospects = async ({ apiVersion, kind, name, uid }, { metadata: { namespace } }) => {
    const found = await cluster.client.find({ apiVersion, kind, name, namespace }, options);
    if (found?.metadata.uid !== uid) return "gone";
    return found.metadata.deletionTimestamp === undefined ? "stays" : "leaves";
  };
  return async (owner, object) => {
    if (!revision.ownership.sameCluster || parseApiVersion(owner.apiVersion).group !== apiGroup)
      return "stays";
    const answer = asked.get(owner.uid) ?? ask(owner, object);
    asked.set(owner.uid, answer);
    return answer;
  };
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
