import type { Logger } from "@package-operator/controller";
import { type CallOptions, type Clock, isKubeError } from "@package-operator/kube";
import { messageOf } from "../errors.ts";

/** Five minutes in all: longer than an API server takes to restart or to move to another machine. */
const [tries, pause] = [60, 5000];

/** Answers of a server, or of a proxy before it, that is not up yet or on its way down. */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * Does work again while the API server cannot be reached: it may be restarting, and the few restarts that a Job has are
 * used up sooner. The work has to be such that it can be repeated. Everything else that fails is thrown at once.
 */
export async function outlast<T>(
  work: () => Promise<T>,
  { logger, clock, signal }: CallOptions & { logger: Logger; clock: Clock },
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (signal?.aborted || attempt >= tries || !isUnreachable(error)) throw error;
      logger.error(messageOf(error), "the API server cannot be reached, trying again");
      await clock.sleep(pause, { signal });
    }
  }
}

/** Whether a failure, or what caused it, is that the API server could not be reached. */
export function isUnreachable(error: unknown): boolean {
  if (isKubeError(error)) {
    return error.code === "Unreachable" || (error.code === "ApiStatus" && passing.has(error.httpStatus ?? 0));
  }
  return error instanceof Error && isUnreachable(error.cause);
}
