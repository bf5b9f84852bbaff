import type { Digest } from "../digest.ts";

/** Shared state of the copies of one run: what is moving or has moved to which store. Make one with {@link createCopyRun}. */
export interface CopyRun {
  /**
   * Runs a blob transfer when its turn comes. One that is `short`, because no content will have to be sent, goes before
   * all that wait.
   */
  limit<T>(task: () => Promise<T>, options?: { readonly short?: boolean }): Promise<T>;
  /**
   * Moves a digest once per store: the first caller runs `move`, later ones wait for it and learn the repository that
   * has it now. When it fails, the next waiter tries by itself.
   */
  once<T>(store: string, digest: Digest, repository: string, move: () => Promise<T>): Promise<OnceResult<T>>;
  /** Stores that have linked a blob from one repository to another in this run, so that they can be relied on to do so. */
  readonly linked: Set<string>;
  /** Stores that were asked to, each with the end of the first such request. */
  readonly linking: Map<string, Promise<void>>;
}

/** `first` ran the move; otherwise `repository` has the content. */
type OnceResult<T> =
  | { readonly first: true; readonly value: T }
  | { readonly first: false; readonly repository: string };

/** Starts a run; `concurrency` bounds the blobs that move at the same time. Default: 8. */
export function createCopyRun(options: { readonly concurrency?: number } = {}): CopyRun {
  const moves = new Map<string, Promise<string | undefined>>();
  return {
    limit: createLimit(options.concurrency ?? 8),
    linked: new Set(),
    linking: new Map(),
    async once(store, digest, repository, move) {
      const key = `${store}\n${digest}`;
      for (let other = moves.get(key); other !== undefined; other = moves.get(key)) {
        const place = await other;
        if (place !== undefined) return { first: false, repository: place };
        // The one that was waited for failed and is gone from the map, or another waiter has taken over.
        if (moves.get(key) === other) moves.delete(key);
      }
      const result = move();
      moves.set(
        key,
        result.then(
          () => repository,
          () => undefined,
        ),
      );
      return { first: true, value: await result };
    },
  };
}

function createLimit(concurrency: number): CopyRun["limit"] {
  const short: (() => void)[] = [];
  const long: (() => void)[] = [];
  let free = concurrency;
  return async (task, options = {}) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => (options.short === true ? short : long).push(resolve));
    try {
      return await task();
    } finally {
      const next = short.shift() ?? long.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
