import { type ChildProcess, execFile, spawn } from "node:child_process";
import { openSync } from "node:fs";
import { readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The one-node cluster that `node.sh up` of the lab started. Commands run inside its network namespace. */
export interface LabNode {
  /** The only registry the node can reach; plain HTTP. */
  readonly registry: string;
  /** Runs a command to its end; throws with what it printed when it fails. */
  readonly exec: (command: string, ...args: string[]) => Promise<string>;
  /** Like `exec`, but gives the exit code too. */
  tryExec(command: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  /** Starts a long-running command and resolves when it prints something that matches. */
  start(ready: RegExp, command: string, ...args: string[]): Promise<ChildProcess>;
  /** Runs kubectl against the node's cluster. */
  readonly kubectl: (...args: string[]) => Promise<string>;
  /** What `kubectl get ... -o json` gives. */
  get<T>(...args: string[]): Promise<T>;
  /** Ends one of the node's own programs; the function given back starts it again as it was. */
  takeDown(program: "registry" | "cp/apiserver"): Promise<() => Promise<void>>;
  /** Folder with the node's state. */
  readonly folder: string;
}

/** Reads DIR (state of the running node) and NS (its namespace, default `pkolab`) from the environment. */
export function labNode(env: NodeJS.ProcessEnv): LabNode {
  const { DIR, NS = "pkolab" } = env;
  if (DIR === undefined) throw new Error("DIR must name the folder of a running lab node (see .ci/run)");
  // nsenter becomes the command, so a started child is the command itself and can be ended by its id.
  const inside = [`--net=/run/netns/${NS}`];
  const options = { env: { ...env, KUBECONFIG: `${DIR}/cp/kubeconfig` }, maxBuffer: 64 * 1024 * 1024 };
  const tryExec: LabNode["tryExec"] = async (command, ...args) => {
    try {
      return { code: 0, ...(await run("nsenter", [...inside, command, ...args], options)) };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, stdout, stderr };
    }
  };
  const exec: LabNode["exec"] = async (command, ...args) => {
    const { code, stdout, stderr } = await tryExec(command, ...args);
    if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
    return stdout;
  };
  return {
    registry: "10.10.0.1:5000",
    folder: DIR,
    tryExec,
    exec,
    kubectl: (...args) => exec("kubectl", ...args),
    get: async <T>(...args: string[]) => JSON.parse(await exec("kubectl", "get", ...args, "-o", "json")) as T,
    takeDown: (program) => takeDown(DIR, program, inside),
    async start(ready, command, ...args) {
      const child = spawn("nsenter", [...inside, command, ...args], {
        ...options,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let printed = "";
      await new Promise<void>((resolve, reject) => {
        const onData = (chunk: Buffer): void => {
          printed += chunk.toString();
          if (ready.test(printed)) resolve();
        };
        child.stdout.on("data", onData);
        child.stderr.on("data", onData);
        child.once("exit", (code) => reject(new Error(`${command} ended with ${code}:\n${printed}`)));
      });
      return child;
    },
  };
}

/** The node's programs keep their process ids in files; their arguments are those of the running process. */
async function takeDown(
  folder: string,
  program: string,
  inside: readonly string[],
): Promise<() => Promise<void>> {
  const pidFile = `${folder}/${program}.pid`;
  const pid = Number(await readFile(pidFile, "utf8"));
  const command = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0").slice(0, -1);
  const cwd = await readlink(`/proc/${pid}/cwd`);
  // A server that is asked kindly first waits a minute for its clients.
  process.kill(pid, "SIGKILL");
  while (await isRunning(pid)) await sleep(50);
  return async () => {
    const log = openSync(`${folder}/${program}.log`, "a");
    const child = spawn("nsenter", [...inside, ...command], {
      cwd,
      detached: true,
      stdio: ["ignore", log, log],
    });
    child.unref();
    await writeFile(pidFile, `${child.pid}\n`);
  };
}

/** Counts every thread: the first may have ended while another still holds the port. */
async function isRunning(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const stats = threads.map((id) => readFile(`/proc/${pid}/task/${id}/stat`, "utf8").catch(() => ""));
  return (await Promise.all(stats)).some((stat) => stat !== "" && !/\) [ZX] /.test(stat));
}

/** Ends a process that `start` began and waits until it is gone. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => {
    child.once("exit", resolve);
  });
  child.kill("SIGTERM");
  await gone;
}
