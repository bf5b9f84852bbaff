import type { Clock } from "@package-operator/kube";
import { ControllerError } from "./errors.ts";

const twoMinutesMs = 120_000;

/**
 * Waits for caches to fill, by default at most two minutes as controller-runtime does; then throws
 * `CacheSyncTimeout`. The signal ends the waiting without an error.
 */
export async function waitForSync(
  ready: readonly Promise<unknown>[],
  options: { what: string; clock: Clock; signal: AbortSignal; timeoutMs?: number | undefined },
): Promise<void> {
  const { what, clock, signal, timeoutMs = twoMinutesMs } = options;
  if (signal.aborted) return;
  const over = new AbortController();
  const stop = () => over.abort();
  signal.addEventListener("abort", stop, { once: true });
  async function timeout(): Promise<void> {
    await clock.sleep(timeoutMs, { signal: over.signal }).catch(() => undefined);
    if (over.signal.aborted) return;
    throw new ControllerError(
      "CacheSyncTimeout",
      `${what}: its caches did not fill in ${timeoutMs / 1000} s`,
    );
  }
  try {
    await Promise.race([Promise.all(ready), timeout()]);
  } finally {
    signal.removeEventListener("abort", stop);
    over.abort();
  }
}
