import { annotations, labels } from "@package-operator/api";
import { type CallOptions, isAlreadyExists } from "@package-operator/kube";
import { controllerReference } from "@package-operator/rollout";
import { isControlledBy, ownerOf } from "../owners.ts";
import type { ObjectDeployment, ObjectSet } from "../resources.ts";
import { createdFinalizers } from "../object-set/finalizers.ts";
import { keyObject } from "../runtime/kind-store.ts";
import type { Stores } from "../runtime/stores.ts";
import { semanticEqual } from "../semantic-equal.ts";
import { isArchived, revisionNumber } from "./revisions.ts";

/** The object set for the present template of a deployment. */
export function desiredObjectSet(
  deployment: ObjectDeployment,
  templateHash: string,
  previous: readonly ObjectSet[],
  kind: { apiVersion: string; kind: string },
): ObjectSet {
  const { name = "", namespace } = deployment.metadata;
  const { template } = deployment.spec;
  const newest = previous.at(-1);
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: {
      name: `${name}-${templateHash}`,
      ...(namespace === undefined ? {} : { namespace }),
      annotations: { ...deployment.metadata.annotations, [annotations.hash]: templateHash },
      labels: { ...template.metadata?.labels, [labels.objectDeployment]: name },
      finalizers: [...createdFinalizers],
      ownerReferences: [controllerReference(ownerOf(deployment))],
    },
    spec: {
      ...template.spec,
      revision: (newest ? revisionNumber(newest) : 0) + 1,
      ...(previous.length > 0
        ? { previous: previous.map(({ metadata }) => ({ name: metadata.name ?? "" })) }
        : {}),
    },
  };
}

/**
 * Creates the object set for the present template. Answers `collision` when another set has its name, so that the next
 * pass has to take another hash.
 */
export async function createRevision(
  stores: Stores,
  deployment: ObjectDeployment,
  revision: { templateHash: string; previous: readonly ObjectSet[] },
  options: CallOptions,
): Promise<"created" | "collision"> {
  const desired = desiredObjectSet(
    deployment,
    revision.templateHash,
    revision.previous,
    stores.kinds.objectSet,
  );
  try {
    await stores.sets.create(desired, options);
    return "created";
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const existing = await stores.sets.read(keyObject(desired), options);
    // Gone again: the conflict is over, the next pass creates it.
    if (existing === undefined) throw error;
    return isSameRevision(existing, desired, deployment) ? "created" : "collision";
  }
}

/** Whether the existing set is the one we meant to create, which only the cache did not show yet. */
function isSameRevision(existing: ObjectSet, desired: ObjectSet, deployment: ObjectDeployment): boolean {
  const { revision: _r, previous: _p, lifecycleState: _l, ...template } = existing.spec;
  const { revision: _revision, previous: _previous, ...wanted } = desired.spec;
  return (
    !isArchived(existing) &&
    revisionNumber(existing) >= revisionNumber(desired) - 1 &&
    isControlledBy(existing, deployment) &&
    semanticEqual(template, wanted)
  );
}
