import { getNumber, getObject, type JsonObject } from "../json.ts";
import { pause } from "./node-context.ts";
import { type ProbeResult, runProbe } from "./probe.ts";

/** What the probes of one run of a container lead to. */
export interface ProbeHandlers {
  readonly onStarted: () => void;
  readonly onReady: (ready: boolean) => void;
  /** The container is to be restarted. */
  readonly onDead: () => void;
  /** A probe failed. */
  readonly onFailure: (kind: string, message: string) => void;
}

/** Runs the probes of a container until the signal aborts: start-up first, then readiness and liveness. */
export async function watchProbes(
  container: JsonObject,
  address: string,
  handlers: ProbeHandlers,
  signal: AbortSignal,
): Promise<void> {
  const startup = getObject(container, "startupProbe");
  if (startup !== undefined) {
    const started = await repeat(startup, container, address, signal, (result, state) => {
      if (!result.healthy) handlers.onFailure("Startup", result.message);
      return state;
    });
    if (started === "failed") handlers.onDead();
    if (started !== "passed") return;
  }
  handlers.onStarted();
  const readiness = getObject(container, "readinessProbe");
  const liveness = getObject(container, "livenessProbe");
  if (readiness === undefined) handlers.onReady(true);
  await Promise.all([
    readiness === undefined ? undefined : watchReadiness(readiness, container, address, handlers, signal),
    liveness === undefined ? undefined : watchLiveness(liveness, container, address, handlers, signal),
  ]);
}

async function watchReadiness(
  probe: JsonObject,
  container: JsonObject,
  address: string,
  handlers: ProbeHandlers,
  signal: AbortSignal,
): Promise<void> {
  await repeat(probe, container, address, signal, (result, state) => {
    if (!result.healthy) handlers.onFailure("Readiness", result.message);
    if (state !== undefined) handlers.onReady(state === "passed");
    return undefined;
  });
}

async function watchLiveness(
  probe: JsonObject,
  container: JsonObject,
  address: string,
  handlers: ProbeHandlers,
  signal: AbortSignal,
): Promise<void> {
  const end = await repeat(probe, container, address, signal, (result, state) => {
    if (!result.healthy) handlers.onFailure("Liveness", result.message);
    return state === "failed" ? state : undefined;
  });
  if (end === "failed") handlers.onDead();
}

type Verdict = "passed" | "failed" | undefined;

/** Probes until `decide` gives a verdict; a verdict is reached by the thresholds of the probe. */
async function repeat(
  probe: JsonObject,
  container: JsonObject,
  address: string,
  signal: AbortSignal,
  decide: (result: ProbeResult, state: Verdict) => Verdict,
): Promise<Verdict> {
  const number = (field: string, fallback: number): number => getNumber(probe, field) ?? fallback;
  let successes = 0;
  let failures = 0;
  let wait = number("initialDelaySeconds", 0) * 1000;
  while (await pause(wait, signal)) {
    const result = await runProbe(probe, container, address);
    if (signal.aborted) return undefined;
    successes = result.healthy ? successes + 1 : 0;
    failures = result.healthy ? 0 : failures + 1;
    const passed = successes >= number("successThreshold", 1);
    const failed = failures >= number("failureThreshold", 3);
    const verdict = decide(result, passed ? "passed" : failed ? "failed" : undefined);
    if (verdict !== undefined) return verdict;
    // Until the first success the node looks more often than the period says, so that a start is seen quickly.
    const period = number("periodSeconds", 10) * 1000;
    wait = successes === 0 && failures > 0 ? Math.min(period, 1000) : period;
  }
  return undefined;
}
