import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import type { ContainerLog } from "./container-log.ts";

/** What to run. */
export interface ProcessSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly log: ContainerLog;
}

/** How a process ended. */
export interface ProcessExit {
  /** 128 plus the signal's number for a process that a signal ended, as shells and runtimes count. */
  readonly exitCode: number;
  readonly signal: number | undefined;
  /** Why it could not be started at all. */
  readonly error: string | undefined;
}

/** A running process of a container, the leader of its own group. */
export interface ContainerProcess {
  readonly exit: Promise<ProcessExit>;
  /** Asks it to end, and ends it and its children after the grace period. */
  stop(graceMs: number): Promise<ProcessExit>;
}

/** Starts a process; output of both kinds goes to the log. A program that cannot start exits with 127 or 128. */
export function startProcess(spec: ProcessSpec): ContainerProcess {
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: spec.env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => spec.log.write(chunk));
  }
  const exit = new Promise<ProcessExit>((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      spec.log.end();
      resolve({ exitCode: error.code === "ENOENT" ? 127 : 128, signal: undefined, error: error.message });
    });
    child.once("close", (code, name) => {
      spec.log.end();
      const signal = name === null ? undefined : constants.signals[name];
      resolve({ exitCode: code ?? 128 + (signal ?? 0), signal, error: undefined });
    });
  });
  return {
    exit,
    stop: async (graceMs) => {
      signalGroup(child, "SIGTERM");
      const timer = setTimeout(() => signalGroup(child, "SIGKILL"), graceMs);
      const result = await exit;
      clearTimeout(timer);
      // Children that outlive their leader would hold ports and files.
      signalGroup(child, "SIGKILL");
      return result;
    },
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group has ended already.
  }
}
