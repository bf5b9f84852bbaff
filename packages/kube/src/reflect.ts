import { createBackoff } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { isExpired, isKubeError } from "./errors.ts";
import type { KubeClient } from "./kube-client.ts";
import type { ApiObject, KindRef, KubeObject } from "./object.ts";
import type { SelectOptions } from "./options.ts";

/** What happened on the server: one object changed, or everything was read again. */
export type Change<T> =
  | { type: "replace"; objects: T[] }
  | { type: "put"; object: T }
  | { type: "remove"; object: T };

/** What to follow, and how to behave when that fails. */
export interface ReflectOptions extends SelectOptions {
  /** Ends the generator. */
  signal: AbortSignal;
  clock: Clock;
  random: () => number;
  /** Told about every failure before the next try; `"stop"` makes the generator throw it. */
  onError: (error: unknown) => "stop" | void;
}

/** A watch that ends sooner without any event counts as a failure, or a broken proxy would be hammered. */
const shortWatchMs = 1000;
/** Watches are renewed after 5 to 10 minutes, as client-go does, so that none hangs on a dead connection for long. */
const watchSeconds = 300;

/**
 * Follows the objects of a kind: reads them all, then watches. A dropped watch goes on where it was; only when the
 * server has forgotten that place everything is read again. Failures are retried with back-off for ever.
 * Streaming lists are not used: servers whose etcd cannot report progress answer them with a plain 500.
 */
export async function* reflect<T extends ApiObject = KubeObject>(
  client: KubeClient,
  kind: KindRef,
  options: ReflectOptions,
): AsyncGenerator<Change<T>> {
  const { signal, clock, random } = options;
  const { namespace, labelSelector, fieldSelector, metadataOnly } = options;
  const select = { namespace, labelSelector, fieldSelector, metadataOnly, signal };
  const backoff = createBackoff({ random });
  let version: string | undefined;
  while (!signal.aborted) {
    const startedAt = clock.monotonic();
    let progress = false;
    try {
      if (version === undefined) {
        const list = await client.list<T>(kind, select);
        version = list.resourceVersion;
        yield { type: "replace", objects: list.items };
      }
      const timeoutSeconds = Math.round(watchSeconds * (1 + random()));
      const watch = { ...select, resourceVersion: version, bookmarks: true, timeoutSeconds };
      for await (const { type, object } of client.watch<T>(kind, watch)) {
        version = object.metadata.resourceVersion ?? version;
        progress = true;
        backoff.reset();
        if (type === "DELETED") yield { type: "remove", object };
        else if (type !== "BOOKMARK") yield { type: "put", object };
      }
      if (progress || clock.monotonic() - startedAt >= shortWatchMs) continue;
    } catch (error) {
      if (signal.aborted) return;
      if (isExpired(error) || isVersionAhead(error)) {
        version = undefined;
        if (progress) continue;
      } else if (options.onError(error) === "stop") throw error;
    }
    await clock.sleep(backoff.next(), { signal }).catch(() => undefined);
  }
}

/** The server knows no version this new: its data was restored from a backup, so ours is from another history. */
function isVersionAhead(error: unknown): boolean {
  return (
    isKubeError(error) &&
    (error.status?.details?.causes ?? []).some((cause) => cause.reason === "ResourceVersionTooLarge")
  );
}
