import type { Clock } from "@package-operator/kube";

/** Growing delays per key. */
export interface Backoff {
  /** Counts a failure and returns how long to wait, in milliseconds. */
  fail(key: string): number;
  forget(key: string): void;
}

/** The first wait, the longest wait, and the quiet time after which a key starts over. */
const [initial, longest, quiet] = [10_000, 300_000, 600_000];

/** Waits that double from 10 seconds to 5 minutes and start over after 10 quiet minutes. */
export function createBackoff(clock: Pick<Clock, "now">): Backoff {
  const failures = new Map<string, { delay: number; at: number }>();
  return {
    fail(key) {
      const last = failures.get(key);
      const now = clock.now();
      const delay = last === undefined || now - last.at > quiet ? initial : Math.min(last.delay * 2, longest);
      failures.set(key, { delay, at: now });
      return delay;
    },
    forget: (key) => void failures.delete(key),
  };
}
