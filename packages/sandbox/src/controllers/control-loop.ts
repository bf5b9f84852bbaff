import type { StoreEvent } from "../storage/object-store.ts";
import type { ObjectStore } from "../storage/object-store.ts";

/** A loop that keeps one kind of thing in the state it should have. */
export interface ControlLoopOptions {
  readonly store: ObjectStore;
  readonly name: string;
  /** For each watched collection, the keys a change there concerns. */
  readonly watches: Readonly<Record<string, (event: StoreEvent) => readonly string[]>>;
  /** Brings one key into shape. Throwing makes it run again later. */
  readonly reconcile: (key: string, loop: ControlLoop) => void;
  /** Told about failures that will be tried again. */
  readonly onError: (error: unknown, name: string, key: string) => void;
}

/** A running loop. */
export interface ControlLoop {
  /** Runs a key soon, or after a delay in milliseconds; the earliest wish counts. */
  enqueue(key: string, delay?: number): void;
  /** Keys waiting to run now, for tests that wait for rest. */
  readonly busy: boolean;
  close(): void;
}

const firstRetry = 50;
const lastRetry = 10_000;

/** Starts a loop: everything that exists is looked at once, then every change. Keys never run at the same time. */
export function startControlLoop(options: ControlLoopOptions): ControlLoop {
  const { store, watches, reconcile } = options;
  const ready = new Set<string>();
  const failures = new Map<string, number>();
  const timers = new Map<string, { at: number; timer: NodeJS.Timeout }>();
  let scheduled: NodeJS.Immediate | undefined;
  let closed = false;

  const run = (): void => {
    scheduled = undefined;
    const [key] = ready;
    if (key === undefined || closed) return;
    ready.delete(key);
    try {
      reconcile(key, loop);
      failures.delete(key);
    } catch (error) {
      const count = failures.get(key) ?? 0;
      failures.set(key, count + 1);
      options.onError(error, options.name, key);
      loop.enqueue(key, Math.min(firstRetry * 2 ** count, lastRetry));
    }
    schedule();
  };
  const schedule = (): void => {
    if (!closed && ready.size > 0) scheduled ??= setImmediate(run);
  };
  const loop: ControlLoop = {
    enqueue(key, delay = 0) {
      if (closed) return;
      const waiting = timers.get(key);
      if (delay <= 0) {
        if (waiting !== undefined) clearTimeout(waiting.timer);
        timers.delete(key);
        ready.add(key);
        schedule();
        return;
      }
      const at = performance.now() + delay;
      if (waiting !== undefined) {
        if (waiting.at <= at) return;
        clearTimeout(waiting.timer);
      }
      timers.set(key, { at, timer: setTimeout(() => loop.enqueue(key), delay) });
    },
    get busy() {
      return ready.size > 0;
    },
    close() {
      closed = true;
      if (scheduled !== undefined) clearImmediate(scheduled);
      for (const { timer } of timers.values()) clearTimeout(timer);
      for (const stop of stops) stop();
    },
  };
  const stops = Object.entries(watches).map(([collection, keysOf]) => {
    const deliver = (event: StoreEvent): void => {
      for (const key of keysOf(event)) loop.enqueue(key);
    };
    for (const object of store.list(collection)) deliver({ type: "ADDED", revision: store.revision, object });
    return store.subscribe(collection, deliver);
  });
  return loop;
}

/** The key of the changed object itself: `namespace/name`. */
export function ownKey(event: StoreEvent): string[] {
  const metadata = event.object["metadata"] as { namespace?: string; name?: string };
  return [`${metadata.namespace ?? ""}/${metadata.name ?? ""}`];
}

/** Takes a key apart. */
export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf("/");
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
