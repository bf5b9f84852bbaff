import type { ReconcileResult } from "@package-operator/controller";
import type { ObjectKey } from "@package-operator/kube";

/** What a pass over an object asks for: nothing, or to come back after a time. */
export type Outcome = ReconcileResult;

/** Brings one object closer to what it asks for. Throws to be called again with growing delays. */
export type Reconcile = (key: ObjectKey, options: { signal: AbortSignal }) => Promise<Outcome>;

/** The retry after a problem that only a user can solve, in milliseconds. */
export const userProblemRetry = 30_000;
