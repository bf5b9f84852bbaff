/** An abort controller that follows a caller's signal until released. */
export interface LinkedAbort {
  controller: AbortController;
  signal: AbortSignal;
  /** Stops following. Must be called: signals that live as long as the process would keep every follower. */
  release(): void;
}

/** Links by hand, because `AbortSignal.any` keeps its result alive as long as its oldest source on Node 20. */
export function linkAbort(parent: AbortSignal | undefined): LinkedAbort {
  const controller = new AbortController();
  const abort = () => controller.abort(parent?.reason);
  if (parent?.aborted) abort();
  else parent?.addEventListener("abort", abort, { once: true });
  return {
    controller,
    signal: controller.signal,
    release: () => parent?.removeEventListener("abort", abort),
  };
}
