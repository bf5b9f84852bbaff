import {
  type Clock,
  isAlreadyExists,
  isConflict,
  isNotFound,
  type KubeClient,
  systemClock,
  waitFor,
} from "@package-operator/kube";
import { ControllerError } from "./errors.ts";
import { type Lease, newLease, releasedSpec, takenSpec } from "./lease.ts";
import { writeLeaderEvent } from "./leader-event.ts";
import type { Logger } from "./logger.ts";

/** Which lease, who is asking, and how long things may take. */
export interface LeaderElectorOptions {
  client: KubeClient;
  lease: { namespace: string; name: string };
  /** `<hostname>_<uuid>`, unique per process. */
  identity: string;
  logger: Logger;
  /** Told when this process becomes leader and when it stops being it, for the metric. */
  onChange?: ((leading: boolean) => void) | undefined;
  clock?: Clock | undefined;
  random?: (() => number) | undefined;
  /** How long others wait without a renewal before they take over; default 137 s. */
  leaseDurationMs?: number | undefined;
  /** How long a leader tries to renew before it gives up; default 107 s. */
  renewDeadlineMs?: number | undefined;
  /** Time between tries; default 26 s. */
  retryPeriodMs?: number | undefined;
}

/** A lease held. */
export interface Leadership {
  /** Rejects with `LeaderElectionLost`; never resolves. Settles only while the lease is not released. */
  readonly lost: Promise<never>;
  /** Stops renewing and gives the lease back, so that the next leader need not wait. */
  release(): Promise<void>;
}

/** Takes part in the election for one lease. */
export interface LeaderElector {
  /** Waits until this process leads; rejects with the signal's reason. */
  acquire(options: { signal: AbortSignal }): Promise<Leadership>;
}

/** Waiting is stretched by up to this factor, so that candidates do not ask in step (client-go's JitterFactor). */
const jitterFactor = 1.2;

/**
 * Leader election by a `coordination.k8s.io/v1` Lease, compatible with client-go's: a lease counts as held until its
 * duration passed on this process's own monotonic clock since the lease was last seen to change. Wall clocks, of this
 * machine or others, decide nothing.
 */
export function createLeaderElector(options: LeaderElectorOptions): LeaderElector {
  const { client, identity, clock = systemClock, random = Math.random, onChange } = options;
  const { leaseDurationMs = 137_000, renewDeadlineMs = 107_000, retryPeriodMs = 26_000 } = options;
  const ref = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", ...options.lease };
  const logger = options.logger.with({ lock: `${ref.namespace}/${ref.name}` });
  if (leaseDurationMs <= renewDeadlineMs || renewDeadlineMs <= retryPeriodMs * jitterFactor) {
    throw new ControllerError(
      "InvalidOption",
      "lease duration > renew deadline > 1.2 retry periods is required",
    );
  }
  /** The lease as last seen, and when it was seen to change. */
  let observed: { lease: Lease; at: number } | undefined;

  function observe(lease: Lease): void {
    if (observed?.lease.metadata.resourceVersion === lease.metadata.resourceVersion) return;
    // Metadata may change without a renewal; only the record itself starts the time anew.
    const same = observed && JSON.stringify(observed.lease.spec) === JSON.stringify(lease.spec);
    observed = { lease, at: same ? (observed?.at ?? 0) : clock.monotonic() };
  }

  function isHeldByOther({ lease, at }: { lease: Lease; at: number }): boolean {
    const { holderIdentity, leaseDurationSeconds = 0 } = lease.spec;
    if (!holderIdentity || holderIdentity === identity) return false;
    return clock.monotonic() - at < leaseDurationSeconds * 1000;
  }

  /** Renewing needs one request while nobody else touched the lease; false when somebody did. */
  async function renewObserved(lease: Lease, signal: AbortSignal): Promise<boolean> {
    const spec = takenSpec(lease.spec, { identity, leaseDurationMs, now: clock.now() });
    try {
      observe(await client.update({ ...lease, spec }, { signal }));
      return true;
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return false;
      throw error;
    }
  }

  /** One try to take or renew the lease; true when it is ours now. Expected refusals are no errors. */
  async function tryOnce(signal: AbortSignal): Promise<boolean> {
    try {
      if (observed?.lease.spec.holderIdentity === identity && (await renewObserved(observed.lease, signal)))
        return true;
      const found = await client.find<Lease>(ref, { signal });
      if (!found) {
        const spec = takenSpec(undefined, { identity, leaseDurationMs, now: clock.now() });
        observe(await client.create(newLease(ref, spec), { signal }));
        return true;
      }
      observe(found);
      if (observed && isHeldByOther(observed)) return false;
      const spec = takenSpec(found.spec, { identity, leaseDurationMs, now: clock.now() });
      observe(await client.update({ ...found, spec }, { signal }));
      return true;
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error)) return false;
      throw error;
    }
  }

  /** A try that takes no longer than until `deadline`, and whose failure is logged and counts as "not ours". */
  async function attempt(signal: AbortSignal, timeoutMs: number): Promise<boolean> {
    const limit = new AbortController();
    const stop = () => limit.abort(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    void clock.sleep(timeoutMs, { signal: limit.signal }).then(stop, () => undefined);
    try {
      return await tryOnce(limit.signal);
    } catch (error) {
      if (!signal.aborted) logger.error(error, "error retrieving or updating the leader lease");
      return false;
    } finally {
      signal.removeEventListener("abort", stop);
      limit.abort();
    }
  }

  /**
   * Waits for the next try: the retry period, or less when the holder gives the lease back. Without the watch a clean
   * hand-over would leave the cluster without a leader for half a minute.
   */
  async function nextTurn(signal: AbortSignal): Promise<void> {
    const done = new AbortController();
    const either = AbortSignal.any([signal, done.signal]);
    const isFree = (lease: Lease | undefined): boolean => !lease?.spec.holderIdentity;
    const freed = waitFor<Lease>(client, ref, isFree, { signal: either }).catch(
      // Whoever may not watch leases waits for the time instead.
      () => new Promise<never>(() => undefined),
    );
    try {
      await Promise.race([
        clock.sleep(retryPeriodMs * (1 + random() * jitterFactor), { signal: either }),
        freed,
      ]);
    } finally {
      done.abort();
    }
  }

  /** Renews until stopped; resolves then, rejects when the lease is lost. */
  async function renew(signal: AbortSignal): Promise<void> {
    let renewedAt = clock.monotonic();
    while (!signal.aborted) {
      await clock.sleep(retryPeriodMs, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const left = renewDeadlineMs - (clock.monotonic() - renewedAt);
      const ours = left > 0 && (await attempt(signal, left));
      if (ours) renewedAt = clock.monotonic();
      else if (observed && isHeldByOther(observed)) break;
      else if (clock.monotonic() - renewedAt >= renewDeadlineMs) break;
    }
    if (!signal.aborted) throw new ControllerError("LeaderElectionLost", "leader election lost");
  }

  /** A renewal that was given up may still reach the server between reading the lease and emptying it. */
  async function giveBack(tries = 3): Promise<void> {
    const found = await client.find<Lease>(ref);
    if (found?.spec.holderIdentity !== identity) return;
    try {
      await client.update({ ...found, spec: releasedSpec(found.spec, { now: clock.now() }) });
    } catch (error) {
      if (!isConflict(error) || tries === 1) throw error;
      await giveBack(tries - 1);
    }
  }

  return {
    async acquire({ signal }) {
      logger.info("attempting to acquire leader lease");
      while (!(await attempt(signal, renewDeadlineMs))) {
        signal.throwIfAborted();
        await nextTurn(signal);
      }
      signal.throwIfAborted();
      logger.info("successfully acquired lease");
      onChange?.(true);
      const event = (message: string) =>
        writeLeaderEvent(client, observed?.lease, { identity, message, now: clock.now() }).catch(
          (error: unknown) => {
            logger.error(error, "writing the leader election event");
          },
        );
      void event("became leader");

      const renewing = new AbortController();
      const running = renew(renewing.signal);
      const lost = running.then(() => new Promise<never>(() => undefined)).finally(() => onChange?.(false));
      lost.catch(() => undefined);
      return {
        lost,
        async release() {
          renewing.abort();
          await running.catch(() => undefined);
          onChange?.(false);
          await giveBack().catch((error: unknown) => {
            if (!isNotFound(error)) logger.error(error, "failed to release the leader lease");
          });
          await event("stopped leading");
        },
      };
    },
  };
}
