import { randomUUID } from "node:crypto";
import { type Clock, parseKey, systemClock } from "@package-operator/kube";
import { isTerminalError } from "./errors.ts";
import type { Logger } from "./logger.ts";
import { waitForSync } from "./wait-for-sync.ts";
import type { Enqueue, Source } from "./source.ts";
import { createWorkQueue, type QueueObserver, type QueueStats } from "./work-queue.ts";

/** What a reconcile may ask for; nothing means: wait for the next change. */
export interface ReconcileResult {
  /** Come back after this time, unless something changes before. */
  requeueAfterMs?: number | undefined;
}

/** What a reconcile gets beside its key. */
export interface ReconcileContext {
  /** Carries controller, namespace, name and reconcileID. */
  logger: Logger;
  /** Aborted only when the grace period of a shutdown is over; work is to be finished until then. */
  signal: AbortSignal;
}

/** Brings one object to where it should be. Errors are retried with back-off, terminal errors are not. */
export type Reconcile = (key: string, context: ReconcileContext) => Promise<ReconcileResult | void>;

/** Outcome labels of controller-runtime's reconcile metrics. */
export type ReconcileOutcome = "success" | "error" | "requeue_after";

/** Told what a controller does, for metrics. */
export interface ControllerObserver {
  started(): void;
  finished(outcome: ReconcileOutcome, seconds: number, options: { terminal: boolean }): void;
  queue: QueueObserver;
  /** Called once, with how to read the queue when metrics are scraped. */
  register(options: { workers: number; stats: () => QueueStats }): void;
}

/** A controller as a value; nothing happens before `run`. */
export interface ControllerOptions {
  /** Lower-case kind, as in metrics and logs. */
  name: string;
  /** Keys worked on at once; default 1. */
  workers?: number | undefined;
  sources: readonly Source[];
  reconcile: Reconcile;
  logger: Logger;
  observer?: ControllerObserver | undefined;
  clock?: Clock | undefined;
  /** How long sources may take to become ready; default 2 minutes, as controller-runtime has it. */
  syncTimeoutMs?: number | undefined;
}

/** When to stop. */
export interface RunOptions {
  /** Take no more work, finish what is under way. */
  signal: AbortSignal;
  /** Given to reconciles: give up. */
  hardStop?: AbortSignal | undefined;
}

/** A loop that works on keys. */
export interface Controller {
  readonly name: string;
  /** Queues a key by hand. */
  enqueue: Enqueue;
  /** Runs until the signal; resolves when the last reconcile is over. Throws `CacheSyncTimeout`. */
  run(options: RunOptions): Promise<void>;
}

/** Makes a controller; keys are formatted as `namespace/name`. */
export function createController(options: ControllerOptions): Controller {
  const { name, workers = 1, observer, clock = systemClock, syncTimeoutMs } = options;
  const logger = options.logger.with({ controller: name });
  const queue = createWorkQueue({ clock, observer: observer?.queue });
  observer?.register({ workers, stats: () => queue.stats() });

  /** Works on one key; never throws. */
  async function reconcileKey(key: string, hardStop: AbortSignal): Promise<void> {
    const context = {
      logger: logger.with({ ...parseKey(key), reconcileID: randomUUID() }),
      signal: hardStop,
    };
    const startedAt = clock.monotonic();
    observer?.started();
    let outcome: ReconcileOutcome = "success";
    let terminal = false;
    try {
      const { requeueAfterMs } = (await options.reconcile(key, context)) ?? {};
      queue.forget(key);
      if (requeueAfterMs !== undefined) {
        outcome = "requeue_after";
        queue.addAfter(key, requeueAfterMs);
      }
    } catch (error) {
      outcome = "error";
      terminal = isTerminalError(error);
      context.logger.error(error, "Reconciler error");
      if (!terminal) queue.retry(key);
    }
    observer?.finished(outcome, (clock.monotonic() - startedAt) / 1000, { terminal });
  }

  async function work(hardStop: AbortSignal): Promise<void> {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      await reconcileKey(key, hardStop);
      queue.done(key);
    }
  }

  return {
    name,
    enqueue: (key, enqueueOptions) => queue.add(key, enqueueOptions),
    async run({ signal, hardStop = new AbortController().signal }) {
      const started = options.sources.map((source) => source.start((key, added) => queue.add(key, added)));
      try {
        const ready = started.map((source) => source.ready);
        await waitForSync(ready, { what: `controller ${name}`, timeoutMs: syncTimeoutMs, clock, signal });
        const close = () => queue.close();
        if (signal.aborted) close();
        else signal.addEventListener("abort", close, { once: true });
        logger.info("Starting workers", { "worker count": workers });
        await Promise.all(Array.from({ length: workers }, () => work(hardStop)));
      } finally {
        queue.close();
        for (const source of started) source.stop();
      }
    },
  };
}
