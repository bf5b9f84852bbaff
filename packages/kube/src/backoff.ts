/** Delays that double with every failure. */
export interface Backoff {
  /** The next delay in milliseconds. */
  next(): number;
  /** Start over after a success. */
  reset(): void;
}

/**
 * Exponential back-off with jitter: each delay is `initialMs` doubled per failure, at most `maxMs`, stretched by a
 * random factor of 1 to 2 so that clients cut off together do not come back together. Defaults are client-go's for
 * watches, 0.8 s to 30 s.
 */
export function createBackoff(options: {
  random: () => number;
  initialMs?: number;
  maxMs?: number;
}): Backoff {
  const { random, initialMs = 800, maxMs = 30_000 } = options;
  let delay = initialMs;
  return {
    next() {
      const jittered = delay * (1 + random());
      delay = Math.min(delay * 2, maxMs);
      return jittered;
    },
    reset() {
      delay = initialMs;
    },
  };
}
