import { isObject, type JsonObject, type JsonValue, nameOf, namespaceOf } from "../json.ts";

/** What a watcher is told about one change. */
export interface StoreEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly revision: number;
  /** The object after the change; for `DELETED` its last state, carrying the revision of the deletion. */
  readonly object: JsonObject;
  /** The object before the change; absent for `ADDED`. */
  readonly previous?: JsonObject;
}

/** One write, as a journal keeps it. */
export interface StoreRecord {
  readonly revision: number;
  readonly collection: string;
  readonly key: string;
  /** Absent for a deletion. */
  readonly object?: JsonObject;
}

/** Where writes go before they are visible; see the append-only log. */
export interface Journal {
  append(record: StoreRecord): void;
}

/** Options of {@link ObjectStore}. */
export interface ObjectStoreOptions {
  readonly journal?: Journal;
  /** Events kept per collection for watches and old snapshots. Default 4096. */
  readonly history?: number;
}

interface Collection {
  readonly objects: Map<string, JsonObject>;
  /** Oldest first; a watch may start at any revision from `compacted` on. */
  readonly events: StoreEvent[];
  readonly watchers: Set<(event: StoreEvent) => void>;
  compacted: number;
}

/**
 * All objects of the control plane under one revision counter, with a window of past events per collection.
 * A collection is `group/plural`, a key `namespace/name`. Everything is synchronous: a read followed by a write in
 * one turn of the event loop cannot be interleaved, which is what makes updates safe without retries.
 * Objects are frozen; callers copy before they change.
 */
export class ObjectStore {
  readonly #collections = new Map<string, Collection>();
  readonly #all = new Set<(collection: string, event: StoreEvent) => void>();
  readonly #journal: Journal | undefined;
  readonly #history: number;
  #revision = 1;

  constructor(options: ObjectStoreOptions = {}) {
    this.#journal = options.journal;
    this.#history = options.history ?? 4096;
  }

  /** The revision of the last write anywhere. */
  get revision(): number {
    return this.#revision;
  }

  /** Puts back what a journal kept, before the first write; no event and no journal entry comes of it. */
  restore(records: Iterable<StoreRecord>): void {
    for (const { collection, key, object, revision } of records) {
      const target = this.#collection(collection);
      if (object === undefined) target.objects.delete(key);
      else target.objects.set(key, freeze(object));
      this.#revision = Math.max(this.#revision, revision);
    }
    for (const collection of this.#collections.values()) collection.compacted = this.#revision;
  }

  /** The object under a key, undefined when there is none. */
  get(collection: string, key: string): JsonObject | undefined {
    return this.#collections.get(collection)?.objects.get(key);
  }

  /** All objects in the order of their keys; of one namespace when given. */
  list(collection: string, namespace?: string): JsonObject[] {
    return sorted(this.#collection(collection).objects, namespace);
  }

  /** The objects as they were at a past revision; undefined when that is no longer known. */
  listAt(collection: string, revision: number, namespace?: string): JsonObject[] | undefined {
    const { objects, events, compacted } = this.#collection(collection);
    if (revision < compacted) return undefined;
    const past = new Map(objects);
    for (let index = events.length - 1; index >= 0; index--) {
      const event = events[index];
      if (event === undefined || event.revision <= revision) break;
      if (event.previous === undefined) past.delete(keyOf(event.object));
      else past.set(keyOf(event.object), event.previous);
    }
    return sorted(past, namespace);
  }

  /** Collections that hold objects. */
  collections(): string[] {
    return [...this.#collections].filter(([, { objects }]) => objects.size > 0).map(([name]) => name);
  }

  /** Stores an object, new or not, under the next revision and returns it with its `resourceVersion`. */
  put(collection: string, object: JsonObject): JsonObject {
    const target = this.#collection(collection);
    const key = keyOf(object);
    const revision = this.#revision + 1;
    const stored = freeze(withRevision(object, revision));
    this.#journal?.append({ revision, collection, key, object: stored });
    const previous = target.objects.get(key);
    target.objects.set(key, stored);
    this.#revision = revision;
    if (previous === undefined)
      this.#publish(collection, target, { type: "ADDED", revision, object: stored });
    else this.#publish(collection, target, { type: "MODIFIED", revision, object: stored, previous });
    return stored;
  }

  /** Removes an object and returns its last state; undefined when there was none. */
  delete(collection: string, key: string): JsonObject | undefined {
    const target = this.#collection(collection);
    const previous = target.objects.get(key);
    if (previous === undefined) return undefined;
    const revision = this.#revision + 1;
    this.#journal?.append({ revision, collection, key });
    target.objects.delete(key);
    this.#revision = revision;
    const object = freeze(withRevision(previous, revision));
    this.#publish(collection, target, { type: "DELETED", revision, object, previous });
    return object;
  }

  /**
   * Past events after `since`, oldest first, or undefined when some of them are no longer known.
   */
  eventsSince(collection: string, since: number): StoreEvent[] | undefined {
    const { events, compacted } = this.#collection(collection);
    if (since < compacted) return undefined;
    return events.filter((event) => event.revision > since);
  }

  /** Calls back, in the writer's turn, for every later change; returns how to stop. */
  subscribe(collection: string, watcher: (event: StoreEvent) => void): () => void {
    const { watchers } = this.#collection(collection);
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }

  /** Like {@link subscribe}, for every collection there is or will be. */
  subscribeAll(watcher: (collection: string, event: StoreEvent) => void): () => void {
    this.#all.add(watcher);
    return () => this.#all.delete(watcher);
  }

  #collection(name: string): Collection {
    let found = this.#collections.get(name);
    if (found === undefined) {
      found = { objects: new Map(), events: [], watchers: new Set(), compacted: 0 };
      this.#collections.set(name, found);
    }
    return found;
  }

  #publish(name: string, collection: Collection, event: StoreEvent): void {
    collection.events.push(event);
    // Dropping half at once keeps the cost of a write constant on average.
    if (collection.events.length > this.#history * 2) {
      const dropped = collection.events.splice(0, this.#history);
      collection.compacted = dropped.at(-1)?.revision ?? collection.compacted;
    }
    for (const watcher of collection.watchers) watcher(event);
    for (const watcher of this.#all) watcher(name, event);
  }
}

/** The key of an object inside its collection. */
function keyOf(object: JsonObject): string {
  return objectKey(namespaceOf(object), nameOf(object));
}

/** The key for a namespace (empty for cluster-scoped kinds) and a name. */
export function objectKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function sorted(objects: ReadonlyMap<string, JsonObject>, namespace: string | undefined): JsonObject[] {
  const prefix = namespace === undefined ? "" : `${namespace}/`;
  return [...objects]
    .filter(([key]) => key.startsWith(prefix))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, object]) => object);
}

function withRevision(object: JsonObject, revision: number): JsonObject {
  const metadata = isObject(object["metadata"]) ? object["metadata"] : {};
  return { ...object, metadata: { ...metadata, resourceVersion: String(revision) } };
}

/** Freezes what is not frozen yet: parts shared with a stored object already are. */
function freeze<T extends JsonValue>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const child of Object.values(value)) freeze(child);
  return Object.freeze(value);
}
