import type { Clock } from "./clock.ts";

/** A clock that stands still until it is told to move. For tests of whatever takes a {@link Clock}. */
export interface ManualClock extends Clock {
  /** Remaining milliseconds of every sleep under way, shortest first. */
  pending(): number[];
  /** Moves on by `ms`, waking sleepers in the order of their time, each with time to act before the next. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock without time passing, as an operator or NTP would. */
  setWallClock(ms: number): void;
}

interface Sleeper {
  due: number;
  wake: () => void;
}

/** Makes a clock standing at `startMs` (default 2024-01-01T00:00:00Z). */
export function createManualClock(startMs: number = Date.UTC(2024, 0, 1)): ManualClock {
  let elapsed = 0;
  let wall = startMs;
  const sleepers = new Set<Sleeper>();

  return {
    now: () => wall + elapsed,
    monotonic: () => elapsed,
    sleep: (ms, { signal } = {}) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const abort = () => {
          sleepers.delete(sleeper);
          reject(signal?.reason as Error);
        };
        const sleeper = {
          due: elapsed + ms,
          wake: () => {
            signal?.removeEventListener("abort", abort);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", abort, { once: true });
      }),
    pending: () => [...sleepers].map(({ due }) => due - elapsed).toSorted((a, b) => a - b),
    async advance(ms) {
      const target = elapsed + ms;
      for (;;) {
        const next = [...sleepers].toSorted((a, b) => a.due - b.due)[0];
        if (!next || next.due > target) break;
        sleepers.delete(next);
        elapsed = Math.max(elapsed, next.due);
        next.wake();
        await settle();
      }
      elapsed = target;
      await settle();
    },
    setWallClock(ms) {
      wall = ms - elapsed;
    },
  };
}

/** Lets everything that is ready run: one turn of the event loop comes after all waiting promises. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
