import { labels } from "@package-operator/api";
import type { CallOptions } from "@package-operator/kube";
import type { OwnerEntry } from "@package-operator/rollout";
import type { ObjectSet } from "../resources.ts";
import type { Stores } from "../runtime/stores.ts";

/**
 * Tells whether a controller is another revision of the deployment `set` belongs to, or a phase of one. Sets made by
 * hand have no deployment; they are tied by `previous`. A controller the cache does not show yet is asked for.
 */
export function siblingTest(
  stores: Stores,
  set: ObjectSet,
  options: CallOptions,
): (controller: OwnerEntry) => Promise<boolean> {
  const { namespace } = set.metadata;
  return async ({ kind, name, uid }) => {
    const others = stores.sets.list({ namespace }).filter((other) => isRelated(other, set));
    if (others.some((other) => controls(other, uid))) return true;
    if (kind !== stores.kinds.objectSet.kind) return false;
    const controller =
      stores.sets.get({ namespace, name }) ?? (await stores.sets.read({ namespace, name }, options));
    return controller !== undefined && controller.metadata.uid === uid && isRelated(controller, set);
  };
}

function controls(set: ObjectSet, uid: string): boolean {
  return set.metadata.uid === uid || (set.status?.remotePhases ?? []).some((phase) => phase.uid === uid);
}

function isRelated(other: ObjectSet, set: ObjectSet): boolean {
  if (other.metadata.uid === set.metadata.uid) return false;
  const deployment = set.metadata.labels?.[labels.objectDeployment];
  const sameDeployment =
    deployment !== undefined && other.metadata.labels?.[labels.objectDeployment] === deployment;
  return sameDeployment || isPrevious(other, set) || isPrevious(set, other);
}

function isPrevious(older: ObjectSet, newer: ObjectSet): boolean {
  return (newer.spec.previous ?? []).some(({ name }) => name === older.metadata.name);
}
