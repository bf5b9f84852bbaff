import type { ClientTiming } from "./client-options.ts";

/** Bounds requests to one registry in one direction, and adapts the bound to what the registry can take. */
export interface Limiter {
  /** Runs a task when there is room; the task may send several requests one after the other. */
  run<T>(task: () => Promise<T>, signal: AbortSignal | undefined): Promise<T>;
  /** Takes a slot; call the result to give it back. For work that is not one function call. */
  acquire(signal: AbortSignal | undefined): Promise<() => void>;
  /** Waits until the pause that the registry asked for is over; returns a mark for {@link slowDown}. */
  ready(signal: AbortSignal | undefined): Promise<number>;
  /** The registry answered 429 or 503: halves the bound, once for all requests of the same mark, and pauses. */
  slowDown(mark: number, pauseMs: number): void;
  /** A request went well; after as many as the bound, the bound grows by one. */
  succeeded(): void;
  readonly limit: number;
}

/** Options of {@link createLimiter}. */
export interface LimiterOptions {
  readonly max: number;
  readonly timing: ClientTiming;
  readonly onChange: (limit: number) => void;
}

/** Starts at the largest bound. */
export function createLimiter(options: LimiterOptions): Limiter {
  const { max, timing } = options;
  let limit = max;
  let active = 0;
  let epoch = 0;
  let successes = 0;
  let pausedUntil = 0;
  const waiting: (() => void)[] = [];

  const wake = (): void => {
    while (active < limit && waiting.length > 0) {
      active += 1;
      waiting.shift()!();
    }
  };
  const release = (): void => {
    active -= 1;
    wake();
  };
  const change = (next: number): void => {
    successes = 0;
    if (next === limit) return;
    limit = next;
    options.onChange(limit);
  };
  const acquire = async (signal: AbortSignal | undefined): Promise<() => void> => {
    signal?.throwIfAborted();
    if (active < limit) active += 1;
    else await waitForTurn(waiting, signal);
    let isHeld = true;
    return () => {
      if (isHeld) release();
      isHeld = false;
    };
  };

  return {
    acquire,
    async run(task, signal) {
      const done = await acquire(signal);
      try {
        return await task();
      } finally {
        done();
      }
    },
    async ready(signal) {
      for (let left = pausedUntil - timing.now(); left > 0; left = pausedUntil - timing.now()) {
        await timing.sleep(left, signal);
      }
      return epoch;
    },
    slowDown(mark, pauseMs) {
      pausedUntil = Math.max(pausedUntil, timing.now() + pauseMs);
      if (mark !== epoch) return;
      epoch += 1;
      change(Math.max(1, Math.floor(limit / 2)));
    },
    succeeded() {
      successes += 1;
      if (successes < limit || limit === max) return;
      change(limit + 1);
      wake();
    },
    get limit() {
      return limit;
    },
  };
}

function waitForTurn(waiting: (() => void)[], signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const turn = (): void => {
      signal?.removeEventListener("abort", abort);
      resolve();
    };
    const abort = (): void => {
      waiting.splice(waiting.indexOf(turn), 1);
      reject(signal!.reason as Error);
    };
    waiting.push(turn);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
