import { annotations, conditionTypes } from "@package-operator/api";
import type { ObjectSet } from "../resources.ts";
import { hasCondition } from "../conditions.ts";

/** The object sets of a deployment, told apart by the template they were made from. */
export interface Revisions {
  /** The set of the present template, which is always the newest. */
  readonly current: ObjectSet | undefined;
  /** All others, oldest first. */
  readonly previous: readonly ObjectSet[];
}

/** The revision number of a set; 0 for one that was made without. */
export function revisionNumber(set: ObjectSet): number {
  return set.spec.revision ?? 0;
}

/** Sorts sets by revision, oldest first. */
export function sortRevisions(sets: readonly ObjectSet[]): ObjectSet[] {
  return sets.toSorted((a, b) => revisionNumber(a) - revisionNumber(b));
}

/** Only the newest set can be current: going back to an older template makes a new revision. */
export function splitRevisions(sorted: readonly ObjectSet[], templateHash: string): Revisions {
  const newest = sorted.at(-1);
  if (newest?.metadata.annotations?.[annotations.hash] !== templateHash) {
    return { current: undefined, previous: sorted };
  }
  return { current: newest, previous: sorted.slice(0, -1) };
}

/** Whether the set was or is being taken down for good. */
export function isArchived(set: ObjectSet): boolean {
  return set.spec.lifecycleState === "Archived";
}

/** Whether the set reports itself available, at whatever generation. */
export function isAvailable(set: ObjectSet): boolean {
  return hasCondition(set, conditionTypes.available, "True");
}

/** Whether the set reports that it writes nothing any more. */
export function isPaused(set: ObjectSet): boolean {
  return hasCondition(set, conditionTypes.paused, "True");
}
