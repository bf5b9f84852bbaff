import { setMaxListeners } from "node:events";
import { PassThrough, Readable } from "node:stream";
import type { CommandGroup } from "../command.ts";
import type { Context } from "../context.ts";
import { program } from "../program.ts";
import { run } from "../run.ts";

/** What a command line printed and how it ended. */
export interface LineResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunLineOptions extends Partial<Context> {
  readonly root?: CommandGroup;
  readonly input?: string;
}

/** Runs a command line in memory, as a user would type it. */
export async function runLine(args: readonly string[], options: RunLineOptions = {}): Promise<LineResult> {
  const { root = program, input = "", ...context } = options;
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const { signal } = new AbortController();
  // As in the program itself: every request of a run listens to it.
  setMaxListeners(0, signal);
  const code = await run(root, args, {
    stdin: Readable.from([input]),
    stdout,
    stderr,
    env: {},
    cwd: "/",
    nodeVersion: "v0.0.0",
    now: () => 0,
    random: () => 0,
    signal,
    ...context,
  });
  return { code, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}
