import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

/** The command line as a user runs it: a process of its own. */
export interface BundledCli {
  /** Path of the program, to be run by Node. */
  readonly program: string;
  start(args: readonly string[], options: StartOptions): RunningCli;
  remove(): Promise<void>;
}

export interface StartOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningCli {
  readonly pid: number;
  /** Ends it as a power failure would. */
  kill(): void;
  /** `code` is undefined after a kill. */
  readonly ended: Promise<{
    readonly code: number | undefined;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

/** Bundles the command line once. `root` is the folder of the repository. */
export async function bundleCli(
  root: string = path.resolve(import.meta.dirname, "../.."),
): Promise<BundledCli> {
  const { bundle } = (await import(path.join(root, "scripts/bundle.mjs"))) as {
    bundle: (options: { entry: string; dir: string; name: string }) => Promise<{ file: string }>;
  };
  const dir = await mkdtemp(path.join(os.tmpdir(), "bundled-cli-"));
  const { file: program } = await bundle({
    entry: path.join(root, "packages/cli/src/main.ts"),
    dir,
    name: "main",
  });
  return {
    program,
    start: (args, options) => startProgram(program, args, options),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

/** Starts a program by Node, with no more of the environment than `PATH`. */
export function startProgram(
  program: string,
  args: readonly string[],
  { cwd, env = {} }: StartOptions,
): RunningCli {
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => (output[name] += text));
  }
  return {
    pid: child.pid ?? 0,
    kill: () => void child.kill("SIGKILL"),
    ended: new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve({ code: code ?? undefined, ...output }));
    }),
  };
}
