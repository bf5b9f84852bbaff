import { cancellable } from "./cancellable.ts";
import type { Clock } from "./clock.ts";
import { isKubeError, KubeError } from "./errors.ts";
import { createInformer, type Informer, type InformerEvent } from "./informer.ts";
import type { KubeClient } from "./kube-client.ts";
import { formatKind, type KindRef, type KubeObject, type ObjectRef } from "./object.ts";
import type { CallOptions } from "./options.ts";

/** A change of any kind in the cache; the kind is in the object. */
export type CacheHandler = (event: InformerEvent<KubeObject>) => void;

/** One shared set of informers, one per kind, kept alive by its registered users. */
export interface DynamicCache {
  /** States the kinds `user` needs from now on, replacing what it said before; kinds nobody needs are stopped. */
  register(user: string, kinds: readonly KindRef[]): void;
  /** Drops the user; kinds nobody needs any more are stopped. */
  unregister(user: string): void;
  /**
   * The cached object, or undefined. The first read of a kind starts its watch and waits until it is filled.
   * Throws `NotWatched` for kinds nobody registered, and what the server says when it refuses the watch.
   */
  get(ref: ObjectRef, options?: CallOptions): Promise<KubeObject | undefined>;
  /** Cached objects of a kind; waits and throws as `get`. */
  list(kind: KindRef, options?: CallOptions & { namespace?: string | undefined }): Promise<KubeObject[]>;
  /** Adds a handler for changes of every kind, present and future; returns how to remove it. */
  onEvent(handler: CacheHandler): () => void;
  /** For metrics: running informers and how many objects each holds. */
  counts(): { informers: number; objects: { kind: KindRef; count: number }[] };
  close(): Promise<void>;
}

/** What the cache is restricted to. */
export interface DynamicCacheOptions {
  /** Only matching objects are cached; an object without the label counts as not found. */
  labelSelector?: string | undefined;
  /** Told about failures that are retried, and about those that end the watch of a kind. */
  onError?: ((error: unknown, kind: KindRef) => void) | undefined;
  freeze?: boolean | undefined;
  clock?: Clock | undefined;
  random?: (() => number) | undefined;
}

/** An empty cache over a client; nothing is sent before the first read. */
export function createDynamicCache(client: KubeClient, options: DynamicCacheOptions = {}): DynamicCache {
  /** The kinds each user needs, and how many users need each, both by the kind's text. */
  const users = new Map<string, ReadonlySet<string>>();
  const needs = new Map<string, number>();
  const informers = new Map<string, Informer>();
  const handlers = new Set<CacheHandler>();
  let closed = false;

  function emit(event: InformerEvent<KubeObject>): void {
    for (const handler of handlers) handler(event);
  }

  function start(kind: KindRef): Informer {
    const key = formatKind(kind);
    const informer = createInformer(client, kind, {
      labelSelector: options.labelSelector,
      freeze: options.freeze,
      clock: options.clock,
      random: options.random,
      onError(error) {
        options.onError?.(error, kind);
        if (!isRefusal(error)) return undefined;
        // The next read starts it again, and so asks the server again.
        if (informers.get(key) === informer) informers.delete(key);
        return "stop";
      },
    });
    informer.onEvent(emit);
    informers.set(key, informer);
    return informer;
  }

  async function filled(kind: KindRef, signal: AbortSignal | undefined): Promise<Informer> {
    if (closed) throw new KubeError("Closed", "the cache is closed");
    const key = formatKind(kind);
    let informer = informers.get(key);
    if (!informer) {
      if (!needs.has(key)) throw new KubeError("NotWatched", `nobody registered ${key} with the cache`);
      informer = start(kind);
    }
    if (!informer.hasSynced) await cancellable(informer.synced, signal);
    return informer;
  }

  function replaceNeeds(user: string, kinds: ReadonlySet<string>): void {
    const previous = users.get(user) ?? new Set<string>();
    if (kinds.size > 0) users.set(user, kinds);
    else users.delete(user);
    for (const key of kinds) if (!previous.has(key)) needs.set(key, (needs.get(key) ?? 0) + 1);
    for (const key of previous) if (!kinds.has(key)) dropNeed(key);
  }

  function dropNeed(key: string): void {
    const left = (needs.get(key) ?? 0) - 1;
    if (left > 0) {
      needs.set(key, left);
      return;
    }
    needs.delete(key);
    void informers.get(key)?.close();
    informers.delete(key);
  }

  return {
    register: (user, kinds) => replaceNeeds(user, new Set(kinds.map(formatKind))),
    unregister: (user) => replaceNeeds(user, new Set()),
    async get(ref, { signal } = {}) {
      return (await filled(ref, signal)).store.get(ref);
    },
    async list(kind, { signal, namespace } = {}) {
      return (await filled(kind, signal)).store.list({ namespace });
    },
    onEvent(handler) {
      handlers.add(handler);
      for (const informer of informers.values()) {
        for (const object of informer.store.list()) handler({ type: "add", object, initial: true });
      }
      return () => void handlers.delete(handler);
    },
    counts() {
      const objects = [...informers.values()].map(({ kind, store }) => ({ kind, count: store.size }));
      return { informers: informers.size, objects };
    },
    async close() {
      closed = true;
      users.clear();
      needs.clear();
      const running = [...informers.values()];
      informers.clear();
      await Promise.all(running.map((informer) => informer.close()));
    },
  };
}

/** The server answered, and trying again will not help: the kind is gone, or access to it forbidden. */
function isRefusal(error: unknown): boolean {
  if (!isKubeError(error)) return false;
  if (error.code === "UnknownKind") return true;
  const { httpStatus = 0, status } = error;
  return status?.details?.kind !== undefined && httpStatus >= 400 && httpStatus < 500 && httpStatus !== 429;
}
