import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { systemClock } from "@package-operator/kube";
import type { ProcessContext } from "./process-context.ts";

/** The part of Node's `process` that becomes a context. */
export type NodeProcess = Pick<
  NodeJS.Process,
  "argv" | "env" | "stderr" | "version" | "cpuUsage" | "memoryUsage" | "uptime" | "on" | "exit"
>;

const terminationLog = "/dev/termination-log";

/** Makes the context of a running process. The first signal asks for a clean stop, the second ends the process. */
export function createProcessContext(node: NodeProcess): ProcessContext {
  // Every request and watch listens to the signal that stops it; their number says nothing about leaks.
  setMaxListeners(0);
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    node.on(name, () => {
      if (stop.signal.aborted) node.exit(1);
      stop.abort(new Error(`received ${name}`));
    });
  }
  return {
    argv: node.argv.slice(2),
    env: node.env,
    stderr: { write: (text) => void node.stderr.write(text) },
    hostname: hostname(),
    nodeVersion: node.version,
    process: node,
    clock: systemClock,
    random: Math.random,
    uuid: randomUUID,
    signal: stop.signal,
    async readText(path) {
      try {
        return await readFile(path, "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    async writeTerminationMessage(text) {
      // Opened for reading and writing, so that a file nobody mounted is not created.
      await writeFile(terminationLog, text, { flag: "r+" }).catch(() => undefined);
    },
  };
}
