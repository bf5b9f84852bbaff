import { apiVersion, type ObjectMeta } from "@package-operator/api";
import {
  type ApiObject,
  type CallOptions,
  type Clock,
  type DeleteOptions,
  formatKey,
  isNotFound,
  type Informer,
  keyOf,
  type KindRef,
  type KubeClient,
  type ObjectKey,
  type Patch,
  refOf,
} from "@package-operator/kube";
import { isSameStatus, withoutEmpty } from "../conditions.ts";

/** How long a written object is trusted to be newer than what the watch shows. */
const rememberFor = 10_000;

/** How long after the end of an object the answer to a write of ours may still come in. */
const mournFor = 60_000;

/** Objects of one kind: reads come from the watch cache or from our own last write, whichever is newer. */
export interface KindStore<T extends ApiObject> {
  readonly kind: KindRef;
  readonly informer: Informer<T>;
  get(key: ObjectKey): T | undefined;
  list(options?: { namespace?: string | undefined }): T[];
  /** Reads past the cache. */
  read(key: ObjectKey, options?: CallOptions): Promise<T | undefined>;
  create(object: T, options?: CallOptions): Promise<T>;
  update(object: T, options?: CallOptions): Promise<T>;
  patch(object: T, patch: Patch, options?: CallOptions): Promise<T>;
  /** Adds finalizers that are missing; conflicts with any change since `object` was read. */
  hold(object: T, finalizers: readonly string[], options?: CallOptions): Promise<T>;
  /** Takes finalizers off; an object that is gone already needs none. */
  release(object: T, finalizers: readonly string[], options?: CallOptions): Promise<T>;
  /** Writes the status, unless it says what is there already. */
  writeStatus<S extends object>(object: T & { status?: S }, status: S, options?: CallOptions): Promise<T>;
  delete(object: T, options?: DeleteOptions): Promise<void>;
}

/** Puts a store over an informer of its kind. Objects of ours without a spec are not shown. */
export function createKindStore<T extends ApiObject>(options: {
  kind: KindRef;
  client: KubeClient;
  informer: Informer<T>;
  clock: Clock;
}): KindStore<T> {
  const { kind, client, informer, clock } = options;
  const written = new Map<string, { object: T; until: number }>();
  /** Uids of objects that are gone, and until when that matters; oldest first. */
  const gone = new Map<string, number>();

  informer.onEvent((event) => {
    const key = keyOf(event.object);
    if (event.type === "delete") bury(event.object.metadata.uid ?? "");
    const own = written.get(key)?.object;
    if (own === undefined) return;
    const isOver = event.type === "delete" && own.metadata.uid === event.object.metadata.uid;
    if (isOver || !isNewer(own, event.object)) written.delete(key);
  });

  const bury = (uid: string): void => {
    const now = clock.now();
    for (const [other, until] of gone) {
      if (until > now) break;
      gone.delete(other);
    }
    gone.set(uid, now + mournFor);
  };

  const newest = (cached: T | undefined, key: string): T | undefined => {
    const own = written.get(key);
    if (own === undefined) return cached;
    if (own.until > clock.now() && (cached === undefined || isNewer(own.object, cached))) return own.object;
    written.delete(key);
    return cached;
  };

  const remember = (object: T): T => {
    const { deletionTimestamp, finalizers = [], uid = "" } = object.metadata;
    // The watch may have told of the end before the answer to a write that came earlier is here.
    const isGone = gone.has(uid) || (deletionTimestamp !== undefined && finalizers.length === 0);
    const cached = informer.store.get(keyObject(object));
    if (!isGone && (cached === undefined || isNewer(object, cached))) {
      written.set(keyOf(object), { object, until: clock.now() + rememberFor });
    }
    return object;
  };

  /** The patch carries the version that was read, so that no concurrent change of the list is lost. */
  const writeFinalizers = async (
    object: T,
    finalizers: readonly string[],
    callOptions?: CallOptions,
  ): Promise<T> => {
    const metadata = { finalizers: [...finalizers], resourceVersion: object.metadata.resourceVersion ?? "" };
    return remember(await client.patch<T>(refOf(object), { type: "merge", body: { metadata } }, callOptions));
  };

  return {
    kind,
    informer,
    get: (key) => visible(newest(informer.store.get(key), formatKey(key))),
    list(selection) {
      const objects = new Map<string, T | undefined>();
      for (const object of informer.store.list(selection)) objects.set(keyOf(object), object);
      for (const [key, { object }] of written) {
        const { namespace } = selection ?? {};
        if (namespace === undefined || namespace === object.metadata.namespace) {
          objects.set(key, newest(objects.get(key), key));
        }
      }
      return [...objects.values()].filter((object) => visible(object) !== undefined) as T[];
    },
    async read(key, callOptions) {
      const object = await client.find<T>({ ...kind, ...key }, callOptions);
      return visible(object && remember(object));
    },
    create: async (object, callOptions) => remember(await client.create(object, callOptions)),
    update: async (object, callOptions) => remember(await client.update(object, callOptions)),
    patch: async (object, patch, callOptions) =>
      remember(await client.patch<T>(refOf(object), patch, callOptions)),
    hold(object, finalizers, callOptions) {
      const present = object.metadata.finalizers ?? [];
      const missing = finalizers.filter((name) => !present.includes(name));
      if (missing.length === 0) return Promise.resolve(object);
      return writeFinalizers(object, [...present, ...missing], callOptions);
    },
    async release(object, finalizers, callOptions) {
      const present = object.metadata.finalizers ?? [];
      const left = present.filter((name) => !finalizers.includes(name));
      if (left.length === present.length) return object;
      try {
        return await writeFinalizers(object, left, callOptions);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        written.delete(keyOf(object));
        return object;
      }
    },
    async writeStatus(object, status, callOptions) {
      if (isSameStatus(object.status, status)) return object;
      return remember(await client.updateStatus<T>({ ...object, status: withoutEmpty(status) }, callOptions));
    },
    delete: (object, deleteOptions) => client.delete(refOf(object), deleteOptions),
  };
}

/** Whether the object is on its way out. */
export function isBeingDeleted(object: { readonly metadata: ObjectMeta }): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

/** The key of an object. */
export function keyObject(object: ApiObject): ObjectKey {
  return { namespace: object.metadata.namespace, name: object.metadata.name ?? "" };
}

/** Our kinds may come without a spec, which asks for nothing. */
function visible<T extends ApiObject>(object: T | undefined): T | undefined {
  if (object === undefined || object.apiVersion !== apiVersion) return object;
  return "spec" in object || "objects" in object || isBeingDeleted(object) ? object : undefined;
}

/** Resource versions are decimal numbers that grow with every write (KEP-5504 makes that official). */
function isNewer(a: ApiObject, b: ApiObject): boolean {
  return versionOf(a.metadata.resourceVersion) > versionOf(b.metadata.resourceVersion);
}

function versionOf(text = ""): bigint {
  return /^\d+$/.test(text) ? BigInt(text) : 0n;
}
