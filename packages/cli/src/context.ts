import type { Readable, Writable } from "node:stream";

/** An output stream that may be a terminal. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/**
 * Everything a command may touch of the process it runs in. `main.ts` makes the real one; tests make their own and
 * run whole commands in memory.
 */
export interface Context {
  readonly stdin: Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Working directory; relative paths of arguments are resolved against it. */
  readonly cwd: string;
  /** Version of the Node that runs, for example `v20.20.2`. */
  readonly nodeVersion: string;
  /** Current time in milliseconds since the epoch. */
  readonly now: () => number;
  /** A number in [0, 1), for jitter. */
  readonly random: () => number;
  /** Aborted by the first interrupt; every command ends soon after. */
  readonly signal: AbortSignal;
}
