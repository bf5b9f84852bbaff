import { KubeError } from "./errors.ts";
import { type ApiObject, formatKey, keyOf, type ObjectKey } from "./object.ts";

/** Objects as last seen. They are shared: clone before changing. */
export interface ObjectStore<T> {
  readonly size: number;
  get(key: ObjectKey): T | undefined;
  list(options?: { namespace?: string | undefined }): T[];
  /** Objects for which the index function gave `value`; throws `InvalidRequest` for an unknown index. */
  byIndex(index: string, value: string): T[];
}

/** Computes the values under which an object is found in an index. */
export type IndexFunction<T> = (object: T) => readonly string[];

/** A store with its writing side, which stays with the informer. */
export interface WritableStore<T> extends ObjectStore<T> {
  keys(): Iterable<string>;
  /** Puts the object in; gives back what was there under its key. */
  put(object: T): T | undefined;
  /** Takes the object with this key out; gives it back. */
  remove(key: string): T | undefined;
}

const byNamespace = "namespace";

/** An in-memory store keyed by namespace and name, with a namespace index and those of `indexes`. */
export function createObjectStore<T extends ApiObject>(
  indexes: Readonly<Record<string, IndexFunction<T>>> = {},
): WritableStore<T> {
  const objects = new Map<string, T>();
  const functions: Record<string, IndexFunction<T>> = {
    ...indexes,
    [byNamespace]: (object) => [object.metadata.namespace ?? ""],
  };
  const buckets = new Map(Object.keys(functions).map((name) => [name, new Map<string, Map<string, T>>()]));

  function unindex(key: string, object: T): void {
    for (const [name, bucket] of buckets) {
      for (const value of functions[name]!(object)) {
        const members = bucket.get(value);
        members?.delete(key);
        if (members?.size === 0) bucket.delete(value);
      }
    }
  }

  function index(key: string, object: T): void {
    for (const [name, bucket] of buckets) {
      for (const value of functions[name]!(object)) {
        let members = bucket.get(value);
        if (!members) bucket.set(value, (members = new Map()));
        members.set(key, object);
      }
    }
  }

  function byIndex(name: string, value: string): T[] {
    const bucket = buckets.get(name);
    if (!bucket) throw new KubeError("InvalidRequest", `there is no index "${name}"`);
    return [...(bucket.get(value)?.values() ?? [])];
  }

  return {
    get size() {
      return objects.size;
    },
    get: (key) => objects.get(formatKey(key)),
    list: ({ namespace } = {}) => (namespace ? byIndex(byNamespace, namespace) : [...objects.values()]),
    byIndex,
    keys: () => objects.keys(),
    put(object) {
      const key = keyOf(object);
      const previous = objects.get(key);
      if (previous) unindex(key, previous);
      objects.set(key, object);
      index(key, object);
      return previous;
    },
    remove(key) {
      const previous = objects.get(key);
      if (!previous) return undefined;
      unindex(key, previous);
      objects.delete(key);
      return previous;
    },
  };
}
