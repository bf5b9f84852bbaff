import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Kills the API server of a cluster, as a power failure would; resolves, when it is gone, with what starts it again. */
export type KillServer = () => Promise<() => Promise<void>>;

/** Kills the API server whose pid is in `folder/apiserver.pid`; it is started again with the same arguments. */
export async function killApiServer(folder: string): Promise<() => Promise<void>> {
  const pidFile = path.join(folder, "apiserver.pid");
  const pid = Number(readFileSync(pidFile, "utf8"));
  const [program = "", ...args] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  const cwd = readlinkSync(`/proc/${pid}/cwd`);
  process.kill(pid, "SIGKILL");
  while (isRunning(pid)) await sleep(20);
  return async () => {
    const log = openSync(path.join(folder, "apiserver.log"), "a");
    for (let attempt = 1; ; attempt++) {
      const child = spawn(program, args, { cwd, detached: true, stdio: ["ignore", log, log] });
      // The kernel may hold the port for a moment after the last thread is gone.
      const isUp = await Promise.race([once(child, "exit").then(() => false), sleep(1000, true)]);
      if (isUp) {
        child.unref();
        writeFileSync(pidFile, String(child.pid));
        return;
      }
      if (attempt === 10) throw new Error(`the API server does not start, see ${folder}/apiserver.log`);
    }
  };
}

/** A killed process that its parent has not asked about yet is a zombie. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
