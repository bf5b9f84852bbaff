import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A network of its own, with nothing in it but its loopback. */
export interface NetworkNamespace {
  /** Runs a command in it to its end; never throws for an exit code. */
  run(
    command: string,
    args: readonly string[],
    options?: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;
  /** Starts a server in it and waits until it prints a line that matches; it ends with the namespace. */
  serve(ready: RegExp, command: string, args: readonly string[]): Promise<void>;
  /** Ends the servers and removes the namespace. */
  remove(): Promise<void>;
}

/** Whether this process may make namespaces: on Linux, as root, with iproute2. */
export function canMakeNamespaces(): boolean {
  const name = `pko-probe-${randomBytes(3).toString("hex")}`;
  try {
    execFileSync("ip", ["netns", "add", name], { stdio: "ignore" });
    execFileSync("ip", ["netns", "delete", name], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Makes a namespace in which this address, and no other, is that of its only host. */
export async function createNamespace(address: string): Promise<NetworkNamespace> {
  const name = `pko-test-${randomBytes(4).toString("hex")}`;
  const servers: ChildProcess[] = [];
  // nsenter becomes the command, so that a server is the child itself and can be ended by its id.
  const inside = [`--net=/run/netns/${name}`];
  await run("ip", ["netns", "add", name]);
  await run("nsenter", [...inside, "ip", "link", "set", "lo", "up"]);
  await run("nsenter", [...inside, "ip", "address", "add", `${address}/32`, "dev", "lo"]);
  return {
    async run(command, args, options = {}) {
      const { cwd, env = {} } = options;
      const settings = { cwd, env: { PATH: process.env["PATH"], ...env }, maxBuffer: 16 * 1024 * 1024 };
      try {
        return { code: 0, ...(await run("nsenter", [...inside, command, ...args], settings)) };
      } catch (error) {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
        return { code, stdout, stderr };
      }
    },
    async serve(ready, command, args) {
      const child = spawn("nsenter", [...inside, command, ...args], { stdio: ["ignore", "pipe", "ignore"] });
      servers.push(child);
      let printed = "";
      await new Promise<void>((resolve, reject) => {
        child.stdout.on("data", (chunk: Buffer) => {
          printed += chunk.toString();
          if (ready.test(printed)) resolve();
        });
        child.once("error", reject);
        child.once("exit", (code) => reject(new Error(`${command} ended with ${code}: ${printed}`)));
      });
    },
    async remove() {
      for (const child of servers) {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        if (child.exitCode === null && child.kill()) await ended;
      }
      await run("ip", ["netns", "delete", name]);
    },
  };
}
