import type { Owner, OwnerEntry, Ownership } from "./owner.ts";

/** Whose objects are rolled out, and how they relate to those that are there. */
export interface Revision {
  /** The object set or phase that is to control the objects. */
  readonly owner: Owner;
  readonly ownership: Ownership;
  /** Counts up with every change of the template; decides who may take an object from whom. */
  readonly number: number;
  /** Namespace for objects without one; empty for cluster-scoped owners. */
  readonly namespace: string;
  /** Labels every object gets, beside the one that puts it into the cache. */
  readonly labels: Readonly<Record<string, string>>;
  /** Nothing is written. */
  readonly paused: boolean;
  /** Take over objects whoever controls them, except from newer siblings. */
  readonly forceAdoption: boolean;
  /** Whether a controller is another revision, or a phase of one, of the same deployment. */
  isSibling(controller: OwnerEntry): Promise<boolean>;
}
