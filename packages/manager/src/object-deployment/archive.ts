import { conditionTypes } from "@package-operator/api";
import { type ObjectIdentity, identityKey } from "@package-operator/rollout";
import { findCondition } from "../conditions.ts";
import type { ObjectSet } from "../resources.ts";
import { isArchived, isAvailable, revisionNumber } from "./revisions.ts";

/** The objects a set was made to control, its slices included. */
export type ObjectsOf = (set: ObjectSet) => Promise<readonly ObjectIdentity[]>;

/**
 * Sets that have no part in the present any more, newest first: all that are older than an available one, and failed
 * ones in between that control nothing their successor needs.
 */
export async function findOutlived(sorted: readonly ObjectSet[], objectsOf: ObjectsOf): Promise<ObjectSet[]> {
  const outlived: ObjectSet[] = [];
  for (let index = sorted.length - 1; index >= 0; index--) {
    const set = sorted[index];
    const older = sorted[index - 1];
    if (set === undefined) continue;
    if (isAvailable(set)) {
      const rest = sorted.slice(0, index).filter((other) => !isArchived(other) && !outlived.includes(other));
      return [...outlived, ...rest.toReversed()];
    }
    if (older !== undefined && (await isSuperseded(older, set, objectsOf))) outlived.push(older);
  }
  return outlived;
}

/** Whether `set` controls nothing that `successor` wants, so that it keeps nothing alive that anybody needs. */
async function isSuperseded(set: ObjectSet, successor: ObjectSet, objectsOf: ObjectsOf): Promise<boolean> {
  if (isArchived(set) || isAvailable(set) || revisionNumber(set) >= revisionNumber(successor)) return false;
  if (!reportsControl(set)) return false;
  const wanted = new Set((await objectsOf(successor)).map((object) => identityKey(object)));
  const namespace = set.metadata.namespace ?? "";
  return !(set.status?.controllerOf ?? []).some(({ group, kind, name, namespace: own }) =>
    wanted.has(identityKey({ group, kind, name, namespace: own || namespace })),
  );
}

/** An empty list is not stored; a set that was judged once does know that it controls nothing. */
function reportsControl(set: ObjectSet): boolean {
  return set.status?.controllerOf !== undefined || findCondition(set, conditionTypes.available) !== undefined;
}

/** The oldest previous sets beyond the limit; where nothing is to be archived, only sets that are archived go. */
export function findBeyondLimit(
  previous: readonly ObjectSet[],
  limit: number,
  options: { onlyArchived: boolean },
): ObjectSet[] {
  const surplus = previous.slice(0, Math.max(0, previous.length - limit));
  return options.onlyArchived ? surplus.filter(isArchived) : surplus;
}
