import { type Clock, systemClock } from "./clock.ts";
import { deepFreeze } from "./deep-freeze.ts";
import { KubeError } from "./errors.ts";
import type { KubeClient } from "./kube-client.ts";
import { type ApiObject, type KindRef, keyOf, type KubeObject } from "./object.ts";
import { createObjectStore, type IndexFunction, type ObjectStore } from "./object-store.ts";
import type { SelectOptions } from "./options.ts";
import { type Change, reflect } from "./reflect.ts";

/** A change in a store. `resync` repeats what is known, without a request, so that nothing is forgotten for long. */
export type InformerEvent<T> =
  | { type: "add"; object: T; /** Part of the first fill or a replay, not news. */ initial: boolean }
  | { type: "update"; object: T; previous: T }
  | { type: "delete"; object: T }
  | { type: "resync"; object: T };

/** Called for every change, in order; must not change the objects. What it throws goes to `onError`. */
export type InformerHandler<T> = (event: InformerEvent<T>) => void;

/** A watch-based cache of one kind. */
export interface Informer<T extends ApiObject = KubeObject> {
  readonly kind: KindRef;
  readonly store: ObjectStore<T>;
  /** Resolves after the first complete fill; rejects when the informer ended before. */
  readonly synced: Promise<void>;
  readonly hasSynced: boolean;
  /** Adds a handler, replays what is in the store as initial adds, returns how to remove it. */
  onEvent(handler: InformerHandler<T>): () => void;
  /** Ends the watch; resolves when no handler will be called any more. */
  close(): Promise<void>;
}

/** What to cache and how. */
export interface InformerOptions<T extends ApiObject> extends SelectOptions {
  indexes?: Readonly<Record<string, IndexFunction<T>>> | undefined;
  /** How often known objects are repeated as `resync`; 0 never. Default 10 hours, as controller-runtime has it. */
  resyncMs?: number | undefined;
  /** Told about every failure before the informer tries again; `"stop"` ends it instead. */
  onError?: ((error: unknown) => "stop" | void) | undefined;
  /** Deep-freeze objects, so that a handler changing one fails at once. Meant for tests. */
  freeze?: boolean | undefined;
  clock?: Clock | undefined;
  random?: (() => number) | undefined;
}

const tenHoursMs = 36_000_000;

/** Starts caching a kind; see {@link reflect} for how it follows the server. Close it to stop. */
export function createInformer<T extends ApiObject = KubeObject>(
  client: KubeClient,
  kind: KindRef,
  options: InformerOptions<T> = {},
): Informer<T> {
  const { clock = systemClock, random = Math.random, resyncMs = tenHoursMs } = options;
  const { onError = () => undefined } = options;
  const store = createObjectStore<T>(options.indexes);
  const handlers = new Set<InformerHandler<T>>();
  const closing = new AbortController();
  const { signal } = closing;
  const prepare = options.freeze ? deepFreeze<T> : (object: T) => object;
  const synced = deferred();
  let hasSynced = false;

  function tell(handler: InformerHandler<T>, event: InformerEvent<T>): void {
    try {
      handler(event);
    } catch (error) {
      onError(error);
    }
  }

  function emit(event: InformerEvent<T>): void {
    for (const handler of handlers) tell(handler, event);
  }

  function put(object: T): void {
    const previous = store.put(prepare(object));
    if (!previous) emit({ type: "add", object, initial: !hasSynced });
    // Reading everything again repeats what has not changed.
    else if (previous.metadata.resourceVersion !== object.metadata.resourceVersion) {
      emit({ type: "update", object, previous });
    }
  }

  function remove(key: string, last?: T): void {
    const previous = store.remove(key);
    if (previous) emit({ type: "delete", object: last ? prepare(last) : previous });
  }

  function accept(change: Change<T>): void {
    if (change.type === "put") return put(change.object);
    if (change.type === "remove") return remove(keyOf(change.object), change.object);
    const present = new Set(change.objects.map(keyOf));
    for (const key of store.keys()) if (!present.has(key)) remove(key);
    for (const object of change.objects) put(object);
    hasSynced = true;
    synced.resolve();
  }

  async function follow(): Promise<void> {
    const { namespace, labelSelector, fieldSelector, metadataOnly } = options;
    const select = { namespace, labelSelector, fieldSelector, metadataOnly };
    try {
      for await (const change of reflect<T>(client, kind, { ...select, signal, clock, random, onError })) {
        if (signal.aborted) break;
        accept(change);
      }
      synced.reject(new KubeError("Closed", `the cache of ${kind.kind} was closed`));
    } catch (error) {
      synced.reject(error);
      closing.abort(error);
    }
  }

  async function repeat(): Promise<void> {
    if (resyncMs === 0) return;
    while (!signal.aborted) {
      await clock.sleep(resyncMs, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      for (const object of store.list()) emit({ type: "resync", object });
    }
  }

  const running = Promise.all([follow(), repeat()]);
  return {
    kind: { apiVersion: kind.apiVersion, kind: kind.kind },
    store,
    synced: synced.promise,
    get hasSynced() {
      return hasSynced;
    },
    onEvent(handler) {
      handlers.add(handler);
      for (const object of store.list()) tell(handler, { type: "add", object, initial: true });
      return () => void handlers.delete(handler);
    },
    async close() {
      closing.abort(new KubeError("Closed", `the cache of ${kind.kind} was closed`));
      await running;
    },
  };
}

/** A promise settled from outside; nobody has to be waiting when it rejects. */
function deferred(): { promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void } {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((ok, fail) => {
    resolve = ok;
    reject = fail;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
