import type { Clock } from "@package-operator/kube";
import { createBackoff } from "../runtime/backoff.ts";
import { userProblemRetry } from "../runtime/reconciler.ts";

/**
 * Remembers failed attempts per package, so that events (also those of our own status writes) do not lead to pulls
 * before their time. Another spec may be tried at once.
 */
export interface UnpackMemory {
  /** How long the spec with this hash must not be tried, in milliseconds; 0 when it may. */
  waitFor(uid: string, hash: string): number;
  /** The image could not be pulled: wait longer every time. */
  pullFailed(uid: string, hash: string): number;
  /** The package cannot be deployed as it is: try again now and then, as the cluster may change. */
  refused(uid: string, hash: string): number;
  forget(uid: string): void;
}

/** An empty memory. */
export function createUnpackMemory(clock: Pick<Clock, "now">): UnpackMemory {
  const backoff = createBackoff(clock);
  const holds = new Map<string, { hash: string; until: number }>();
  const hold = (uid: string, hash: string, delay: number): number => {
    holds.set(uid, { hash, until: clock.now() + delay });
    return delay;
  };
  return {
    waitFor(uid, hash) {
      const held = holds.get(uid);
      return held?.hash === hash ? Math.max(0, held.until - clock.now()) : 0;
    },
    pullFailed: (uid, hash) => hold(uid, hash, backoff.fail(uid)),
    refused: (uid, hash) => hold(uid, hash, userProblemRetry),
    forget(uid) {
      holds.delete(uid);
      backoff.forget(uid);
    },
  };
}
