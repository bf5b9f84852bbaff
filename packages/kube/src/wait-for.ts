import { type Clock, systemClock } from "./clock.ts";
import { isKubeError, KubeError } from "./errors.ts";
import { linkAbort } from "./linked-abort.ts";
import type { KubeClient } from "./kube-client.ts";
import { type ApiObject, formatKey, type KubeObject, type ObjectRef } from "./object.ts";
import type { CallOptions } from "./options.ts";
import { reflect } from "./reflect.ts";

/** How long to wait, and for how long at most. */
export interface WaitForOptions extends CallOptions {
  /** Default: for ever. */
  timeoutMs?: number | undefined;
  clock?: Clock | undefined;
  random?: (() => number) | undefined;
}

/**
 * Watches one object until `predicate` holds for it, and gives it back; the predicate gets undefined while the object
 * does not exist. Throws `Timeout` when time is up, the signal's reason when aborted, and what the server refuses;
 * outages are waited out.
 */
export async function waitFor<T extends ApiObject = KubeObject>(
  client: KubeClient,
  ref: ObjectRef,
  predicate: (object: T | undefined) => boolean,
  options: WaitForOptions = {},
): Promise<T | undefined> {
  const { clock = systemClock, random = Math.random, timeoutMs } = options;
  const abort = linkAbort(options.signal);
  const { controller, signal } = abort;
  const what = `${ref.kind} ${formatKey(ref)}`;
  if (timeoutMs !== undefined) {
    void clock.sleep(timeoutMs, { signal }).then(
      () =>
        controller.abort(new KubeError("Timeout", `gave up waiting for ${what} after ${timeoutMs / 1000} s`)),
      () => undefined,
    );
  }
  try {
    const { namespaced } = await client.discovery.resourceFor(ref, { signal });
    if (namespaced && !ref.namespace) throw new KubeError("InvalidRequest", `${what} needs a namespace`);
    const changes = reflect<T>(client, ref, {
      namespace: ref.namespace,
      fieldSelector: `metadata.name=${ref.name}`,
      signal,
      clock,
      random,
      onError: (error) => (isOutage(error) ? undefined : "stop"),
    });
    for await (const change of changes) {
      const object =
        change.type === "put" ? change.object : change.type === "remove" ? undefined : change.objects[0];
      if (predicate(object)) return object;
    }
    throw signal.reason;
  } finally {
    abort.release();
    controller.abort();
  }
}

/** Failures that say nothing about the object: they pass. */
function isOutage(error: unknown): boolean {
  if (!isKubeError(error)) return false;
  if (error.code === "Unreachable" || error.code === "Timeout") return true;
  return error.httpStatus === 429 || (error.httpStatus ?? 0) >= 500;
}
