import type { ApiObject, KindRef, KubeObject, ObjectKey } from "./object.ts";

/** A change in a store. `resync` repeats what is known, without a request, so that nothing is forgotten for long. */
export type InformerEvent<T> =
  | { type: "add"; object: T; /** Part of the first fill, not news. */ initial: boolean }
  | { type: "update"; object: T; previous: T }
  | { type: "delete"; object: T }
  | { type: "resync"; object: T };

/** Called for every change, in order; must not throw and must not change the objects. */
export type InformerHandler<T> = (event: InformerEvent<T>) => void;

/** Objects as last seen. They are shared: clone before changing. */
export interface ObjectStore<T> {
  readonly size: number;
  get(key: ObjectKey): T | undefined;
  list(options?: { namespace?: string | undefined }): T[];
  /** Objects for which the index function gave `value`; throws `InvalidRequest` for an unknown index. */
  byIndex(index: string, value: string): T[];
}

/** A watch-based cache of one kind. */
export interface Informer<T extends ApiObject = KubeObject> {
  readonly kind: KindRef;
  readonly store: ObjectStore<T>;
  /** Resolves after the first complete fill; rejects when the informer ended before. */
  readonly synced: Promise<void>;
  readonly hasSynced: boolean;
  /** Adds a handler, replays what is in the store as initial adds, returns how to remove it. */
  onEvent(handler: InformerHandler<T>): () => void;
  /** Ends the watch; resolves when the last handler call is over. */
  close(): Promise<void>;
}
