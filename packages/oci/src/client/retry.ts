import { setTimeout as delay } from "node:timers/promises";
import { OciError } from "../errors.ts";
import type { ClientTiming } from "./client-options.ts";

/** Real time and chance. */
export const systemTiming: ClientTiming = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
};

/** Told before each wait. */
type OnRetry = (error: OciError, attempt: number, delayMs: number) => void;

/** How often to repeat, and how to wait. */
export interface RetryPolicy {
  readonly retries: number;
  readonly timing: ClientTiming;
  readonly onRetry: OnRetry;
}

const baseDelayMs = 200;
const maxDelayMs = 30_000;

/** Milliseconds before repetition `attempt` (1, 2, ...): doubling from 200 ms to 30 s, each between half and the whole. */
function backoffMs(attempt: number, random: () => number): number {
  const full = Math.min(maxDelayMs, baseDelayMs * 2 ** (attempt - 1));
  return Math.round(full * (0.5 + random() / 2));
}

/** Waits before another try, or throws the error when it cannot pass or too much was tried. */
export async function pauseOrThrow(
  error: unknown,
  attempt: number,
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!(error instanceof OciError) || !error.retryable || attempt > policy.retries) throw error;
  const delayMs = Math.max(error.retryAfterMs ?? 0, backoffMs(attempt, policy.timing.random));
  policy.onRetry(error, attempt, delayMs);
  await policy.timing.sleep(delayMs, signal);
}

/** Repeats a task until it succeeds, throws something that cannot pass, or the retries are used up. */
export async function withRetries<T>(
  task: () => Promise<T>,
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await task();
    } catch (error) {
      await pauseOrThrow(error, attempt, policy, signal);
    }
  }
}
