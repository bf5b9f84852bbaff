import type { ClientTiming } from "../client/client-options.ts";

/** A clock that jumps: sleeping takes no time and moves it forward. */
export interface TestTiming extends ClientTiming {
  /** All waits so far in milliseconds. */
  readonly waits: readonly number[];
}

/** Starts at 0; chance is always one half. */
export function createTestTiming(): TestTiming {
  const waits: number[] = [];
  let now = 0;
  return {
    waits,
    now: () => now,
    random: () => 0.5,
    sleep: (ms, signal) => {
      if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
      waits.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
}
