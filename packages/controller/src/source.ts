import { type ApiObject, type InformerEvent, keyOf, type KubeObject } from "@package-operator/kube";
import type { Priority } from "./work-queue.ts";

/** Queues a key for a controller. */
export type Enqueue = (key: string, options?: { priority?: Priority | undefined }) => void;

/** Something that gives a controller work. */
export interface Source {
  /** Starts giving; resolves when what existed before has been given. The result of `stop` ends it. */
  start(enqueue: Enqueue): { ready: Promise<void>; stop: () => void };
}

/** What informers and the dynamic cache have in common. */
export interface EventStream<T> {
  onEvent(handler: (event: InformerEvent<T>) => void): () => void;
  /** Present where there is a first fill to wait for. */
  readonly synced?: Promise<void>;
}

/** Which keys a change concerns. */
export interface WatchSourceOptions<T> {
  /** Keys to queue for an object; default its own. On updates old and new object are asked. */
  keys?: (object: T) => Iterable<string>;
  /** Changes for which this is false are ignored. */
  filter?: (event: InformerEvent<T>) => boolean;
}

/**
 * Work from the changes of a cache. What was there at the start and periodic repetitions are queued behind everything
 * that is news.
 */
export function watchSource<T extends ApiObject = KubeObject>(
  stream: EventStream<T>,
  { keys = (object) => [keyOf(object)], filter = () => true }: WatchSourceOptions<T> = {},
): Source {
  return {
    start(enqueue) {
      const stop = stream.onEvent((event) => {
        if (!filter(event)) return;
        const affected = new Set(keys(event.object));
        if (event.type === "update") for (const key of keys(event.previous)) affected.add(key);
        const periodic = event.type === "resync" || (event.type === "add" && event.initial);
        for (const key of affected) enqueue(key, { priority: periodic ? "periodic" : "fresh" });
      });
      return { ready: stream.synced ?? Promise.resolve(), stop };
    },
  };
}

/** A filter that ignores updates leaving `metadata.generation` as it was: status and metadata writes. */
export function generationChanged<T extends ApiObject>(event: InformerEvent<T>): boolean {
  return event.type !== "update" || event.object.metadata.generation !== event.previous.metadata.generation;
}
