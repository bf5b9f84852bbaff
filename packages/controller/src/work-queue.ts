import { type Clock, systemClock } from "@package-operator/kube";

/** `fresh`: something changed; `periodic`: a repetition or the first fill, which can wait. */
export type Priority = "fresh" | "periodic";

/** Told what happens in a queue, for metrics. Times are milliseconds. */
export interface QueueObserver {
  added(): void;
  retried(): void;
  started(waitedMs: number): void;
  finished(workedMs: number): void;
}

/** A moment's view of a queue, for metrics. */
export interface QueueStats {
  depth: number;
  /** Time spent so far on keys being worked on, added up. */
  unfinishedMs: number;
  longestRunningMs: number;
}

/** Keys waiting to be worked on: each at most once, and never while it is being worked on. */
export interface WorkQueue {
  /** Queues a key now; a key being worked on is queued again when that is over. */
  add(key: string, options?: { priority?: Priority | undefined }): void;
  /** Queues a key in `afterMs`. The latest call counts; working on the key for another reason first cancels it. */
  addAfter(key: string, afterMs: number): void;
  /** Queues a key after its back-off: 5 ms, doubling with every call up to 1000 s, until `forget`. */
  retry(key: string): void;
  /** Resets the back-off of a key. */
  forget(key: string): void;
  /** Waits for a key; undefined when the queue is closed. Every key must be given back with `done`. */
  take(): Promise<string | undefined>;
  done(key: string): void;
  stats(): QueueStats;
  /** No more keys are handed out; waiting takers get undefined. */
  close(): void;
}

/** Options of a queue. */
export interface WorkQueueOptions {
  clock?: Clock | undefined;
  observer?: QueueObserver | undefined;
}

const initialDelayMs = 5;
const maxDelayMs = 1_000_000;
/** After this many fresh keys in a row one periodic key goes first, so that a busy cluster still gets its repetitions. */
const freshInARow = 20;

/** An empty queue. */
export function createWorkQueue({ clock = systemClock, observer }: WorkQueueOptions = {}): WorkQueue {
  /** Keys ready to be taken, by priority, with the time they were added. Maps keep the order of insertion. */
  const ready: Record<Priority, Map<string, number>> = { fresh: new Map(), periodic: new Map() };
  /** Keys being worked on, with the time that began. */
  const running = new Map<string, number>();
  /** Keys added while they are being worked on. */
  const again = new Map<string, Priority>();
  const failures = new Map<string, number>();
  const delayed = new Map<string, AbortController>();
  const takers: ((key: string | undefined) => void)[] = [];
  let closed = false;
  let freshTaken = 0;

  function enqueue(key: string, priority: Priority): void {
    if (ready.fresh.has(key)) return;
    const since = ready.periodic.get(key);
    if (since !== undefined && priority === "periodic") return;
    if (since === undefined) observer?.added();
    ready.periodic.delete(key);
    ready[priority].set(key, since ?? clock.monotonic());
    handOut();
  }

  function handOut(): void {
    while (takers.length > 0) {
      const key = pick();
      if (key === undefined) return;
      takers.shift()?.(key);
    }
  }

  function pick(): string | undefined {
    const { fresh, periodic } = ready;
    const from = periodic.size > 0 && (fresh.size === 0 || freshTaken >= freshInARow) ? periodic : fresh;
    const [next] = from;
    if (!next) return undefined;
    const [key, since] = next;
    from.delete(key);
    freshTaken = from === fresh ? freshTaken + 1 : 0;
    const now = clock.monotonic();
    running.set(key, now);
    // Whatever the key was to be woken for is seen by the work that starts now.
    cancelDelay(key);
    observer?.started(now - since);
    return key;
  }

  function cancelDelay(key: string): void {
    delayed.get(key)?.abort();
    delayed.delete(key);
  }

  function add(key: string, priority: Priority): void {
    if (closed) return;
    if (!running.has(key)) enqueue(key, priority);
    else if (again.get(key) !== "fresh") again.set(key, priority);
  }

  function addAfter(key: string, afterMs: number, priority: Priority): void {
    cancelDelay(key);
    if (closed) return;
    if (afterMs <= 0) return add(key, priority);
    const waiting = new AbortController();
    delayed.set(key, waiting);
    void clock.sleep(afterMs, { signal: waiting.signal }).then(
      () => {
        delayed.delete(key);
        add(key, priority);
        return undefined;
      },
      () => undefined,
    );
  }

  return {
    add: (key, { priority = "fresh" } = {}) => add(key, priority),
    addAfter: (key, afterMs) => addAfter(key, afterMs, "periodic"),
    retry(key) {
      const failed = failures.get(key) ?? 0;
      failures.set(key, failed + 1);
      observer?.retried();
      addAfter(key, Math.min(initialDelayMs * 2 ** failed, maxDelayMs), "fresh");
    },
    forget: (key) => void failures.delete(key),
    take() {
      if (closed) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        takers.push(resolve);
        handOut();
      });
    },
    done(key) {
      const since = running.get(key);
      if (since === undefined) return;
      running.delete(key);
      observer?.finished(clock.monotonic() - since);
      const priority = again.get(key);
      again.delete(key);
      if (priority && !closed) enqueue(key, priority);
    },
    stats() {
      const now = clock.monotonic();
      const times = [...running.values()].map((since) => now - since);
      return {
        depth: ready.fresh.size + ready.periodic.size,
        unfinishedMs: times.reduce((sum, time) => sum + time, 0),
        longestRunningMs: Math.max(0, ...times),
      };
    },
    close() {
      closed = true;
      for (const key of delayed.keys()) cancelDelay(key);
      ready.fresh.clear();
      ready.periodic.clear();
      again.clear();
      for (const taker of takers.splice(0)) taker(undefined);
    },
  };
}
