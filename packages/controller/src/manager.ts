import { setMaxListeners } from "node:events";
import { type Clock, systemClock } from "@package-operator/kube";
import type { Controller } from "./controller.ts";
import { ControllerError } from "./errors.ts";
import type { Leadership, LeaderElector } from "./leader-election.ts";
import type { Logger } from "./logger.ts";
import { waitForSync } from "./wait-for-sync.ts";

/** Something with a lifetime that others started: listeners, informers, clients. */
export interface Closable {
  close(): Promise<void>;
}

/** A cache to be filled before the election. */
export interface FillingCache extends Closable {
  readonly synced: Promise<void>;
}

/** Work that goes on until its signal; when it fails, so does the manager. */
export type Task = (signal: AbortSignal) => Promise<void>;

/** What a manager runs. */
export interface ManagerOptions {
  /** Asks for a clean stop. */
  signal: AbortSignal;
  logger: Logger;
  /** Starts the listeners for metrics, health and profiles; they answer from the beginning, leader or not. */
  listen?: (() => Promise<readonly Closable[]>) | undefined;
  /** Caches, already started; closed at the end. */
  caches?: readonly FillingCache[] | undefined;
  /** Runs from the beginning, leader or not. */
  tasks?: readonly Task[] | undefined;
  /** Without one, this process works at once. */
  leaderElector?: LeaderElector | undefined;
  controllers: readonly Controller[];
  /** Runs beside the controllers, only on the leader. */
  leaderTasks?: readonly Task[] | undefined;
  /** How long a stop may take before unfinished work is given up; default 30 s. */
  gracePeriodMs?: number | undefined;
  /** How long caches may take to fill; default 2 minutes. */
  syncTimeoutMs?: number | undefined;
  clock?: Clock | undefined;
}

/**
 * Runs controllers: listeners first, then caches, then the election, then everything that changes the cluster.
 * Resolves after a clean stop, which lets every reconcile under way finish and gives the lease back. Rejects with the
 * first failure; with `LeaderElectionLost` at once, since somebody else works by then.
 */
export async function runManager(options: ManagerOptions): Promise<void> {
  const { signal, logger, clock = systemClock, gracePeriodMs = 30_000, caches = [] } = options;
  /** Asks everything to stop: the caller's wish, or the first failure. */
  const stopping = new AbortController();
  /** Tells everything to give up: the grace period is over, or the lease is lost. */
  const hardStop = new AbortController();
  // Everything that runs listens to them; Node would take that for a leak.
  setMaxListeners(0, stopping.signal, hardStop.signal);
  let failure: { error: unknown } | undefined;

  function fail(error: unknown): void {
    // What fails after the stop was asked for, fails because of it.
    if (!stopping.signal.aborted) failure = { error };
    stopping.abort(error);
  }

  function start(tasks: readonly Task[] = []): Promise<void>[] {
    return tasks.map((task) => task(stopping.signal).catch(fail));
  }

  /** Fills the caches, becomes leader, then works until the stop. Gives back how to stop leading. */
  async function lead(onLeading: (leadership: Leadership | undefined) => void): Promise<void> {
    const synced = caches.map((cache) => cache.synced);
    await waitForSync(synced, {
      what: "manager",
      clock,
      signal: stopping.signal,
      timeoutMs: options.syncTimeoutMs,
    });
    const leadership = await options.leaderElector?.acquire({ signal: stopping.signal });
    onLeading(leadership);
    leadership?.lost.catch((error: unknown) => {
      fail(error);
      hardStop.abort(error);
    });
    const controllers = options.controllers.map(
      (controller): Task =>
        (stopSignal) =>
          controller.run({ signal: stopSignal, hardStop: hardStop.signal }),
    );
    await Promise.all(start([...controllers, ...(options.leaderTasks ?? [])]));
  }

  async function runEverything(): Promise<void> {
    let listeners: readonly Closable[] = [];
    let leadership: Leadership | undefined;
    try {
      listeners = (await options.listen?.()) ?? [];
      await Promise.all([...start(options.tasks), ...start([() => lead((gained) => (leadership = gained))])]);
      await aborted(stopping.signal);
    } catch (error) {
      fail(error);
    } finally {
      await leadership?.release();
      await Promise.all([...caches, ...listeners].map((item) => item.close()));
    }
  }

  const stop = () => stopping.abort(signal.reason);
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  const everything = runEverything();
  await aborted(stopping.signal);
  signal.removeEventListener("abort", stop);
  logger.info("Stopping, and waiting for work under way to finish");
  if (!(await finishesWithin(everything, { timeoutMs: gracePeriodMs, clock, giveUp: hardStop.signal }))) {
    failure ??= {
      error: new ControllerError("ShutdownTimeout", `work did not finish in ${gracePeriodMs / 1000} s`),
    };
    hardStop.abort(failure.error);
  }
  if (failure) throw failure.error;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Whether work ends in time and before `giveUp`. */
async function finishesWithin(
  work: Promise<void>,
  { timeoutMs, clock, giveUp }: { timeoutMs: number; clock: Clock; giveUp: AbortSignal },
): Promise<boolean> {
  const over = new AbortController();
  const late = clock.sleep(timeoutMs, { signal: over.signal }).catch(() => undefined);
  try {
    return await Promise.race([
      work.then(() => true),
      late.then(() => false),
      aborted(giveUp).then(() => false),
    ]);
  } finally {
    over.abort();
  }
}
