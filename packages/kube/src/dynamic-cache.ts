import type { CallOptions } from "./kube-client.ts";
import type { InformerEvent } from "./informer.ts";
import type { KindRef, KubeObject, ObjectRef } from "./object.ts";

/** A change of any kind in the cache; the kind is in the object. */
export type CacheHandler = (event: InformerEvent<KubeObject>) => void;

/** One shared set of informers, one per kind, kept alive by its registered users. */
export interface DynamicCache {
  /** States the kinds `user` needs from now on, replacing what it said before. */
  register(user: string, kinds: readonly KindRef[]): void;
  /** Drops the user; kinds nobody needs any more are stopped. */
  unregister(user: string): void;
  /** The cached object, or undefined. The first read of a kind waits until it is filled. */
  get(ref: ObjectRef, options?: CallOptions): Promise<KubeObject | undefined>;
  list(kind: KindRef, options?: CallOptions & { namespace?: string | undefined }): Promise<KubeObject[]>;
  onEvent(handler: CacheHandler): () => void;
  /** For the metrics: running informers and the objects each holds. */
  counts(): { informers: number; objects: { kind: KindRef; count: number }[] };
  close(): Promise<void>;
}
