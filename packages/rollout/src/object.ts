import { fieldManagers } from "@package-operator/api";
import { isConflict, type KubeObject, refOf } from "@package-operator/kube";
import { type Adoption, decideAdoption } from "./adoption.ts";
import type { Cluster, RolloutOptions } from "./cluster.ts";
import { RolloutError } from "./errors.ts";
import { migrateFieldManagers } from "./field-migration.ts";
import { formatQualifiedObject } from "./identity.ts";
import { isApplied } from "./managed-fields.ts";
import type { PlannedObject } from "./phase-plan.ts";
import type { ObjectAction } from "./result.ts";
import type { Revision } from "./revision-context.ts";

const fieldManager = fieldManagers.apply;

/** How often an object that changes under our hands is looked at again before the pass gives up. */
const attempts = 5;

/** What became of one object. */
export interface WrittenObject {
  readonly action: ObjectAction;
  readonly live: KubeObject | undefined;
  readonly collision?: string;
}

/** Brings one object to its desired state, or finds out why that is not ours to do. */
export async function writeObject(
  cluster: Cluster,
  planned: PlannedObject,
  revision: Revision,
  options: RolloutOptions = {},
): Promise<WrittenObject> {
  const protection = planned.source.collisionProtection ?? "Prevent";
  let { live, adoption } = planned;
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      if (live === undefined || adoption === undefined) {
        return { action: "Created", live: await createObject(cluster, planned.desired, revision, options) };
      }
      return await updateObject(cluster, planned.desired, { live, adoption }, revision, options);
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
    live = await cluster.client.find(refOf(planned.desired), options);
    adoption = live && (await decideAdoption(live, protection, revision));
  }
  throw new RolloutError("contended", `${formatQualifiedObject(planned.desired)} keeps changing`);
}

/**
 * A server-side apply that only creates: an existing object never has this resource version (the server's first write
 * already has a higher one), so that it answers with a conflict instead of patching what the cache did not show.
 */
function createObject(
  cluster: Cluster,
  desired: KubeObject,
  revision: Revision,
  options: RolloutOptions,
): Promise<KubeObject> {
  const owned = revision.ownership.withController(desired, revision.owner);
  return cluster.client.apply(withResourceVersion(owned, "1"), { ...options, fieldManager });
}

async function updateObject(
  cluster: Cluster,
  desired: KubeObject,
  found: { live: KubeObject; adoption: Adoption },
  revision: Revision,
  options: RolloutOptions,
): Promise<WrittenObject> {
  const { adoption } = found;
  let { live } = found;
  if (adoption.verdict === "refuse") return { action: "Collision", live, collision: adoption.message };
  if (adoption.verdict === "leave") return { action: "Progressed", live };
  const migration = migrateFieldManagers(live, fieldManager);
  if (migration !== undefined) {
    live = await cluster.client.patch(
      refOf(live),
      { type: "json", operations: [...migration] },
      { ...options, fieldManager },
    );
  }
  const target = revision.ownership.withController(desired, revision.owner, live);
  if (isApplied(target, live, fieldManager)) return { action: "Idle", live };
  const applied = withResourceVersion(target, live.metadata.resourceVersion ?? "");
  return {
    action: "Updated",
    live: await cluster.client.apply(applied, { ...options, fieldManager, force: true }),
  };
}

function withResourceVersion(object: KubeObject, resourceVersion: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion } };
}
