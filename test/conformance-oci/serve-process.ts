import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** `kubectl package registry serve` in a process of its own. */
export interface ServeProcess {
  readonly url: string;
  /** Ends it with SIGKILL, as a power failure would. */
  kill(): Promise<void>;
}

/** Serves a folder from the bundled command line, and waits until it listens. */
export async function startServe(program: string, storage: string): Promise<ServeProcess> {
  const args = [program, "registry", "serve", "--address", "127.0.0.1:0", "--storage", storage];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`registry serve ended with ${code}`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const found = /^listening on (.*)$/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  return {
    url,
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
