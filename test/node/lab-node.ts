import { type ChildProcess, execFile, spawn } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The one-node cluster that `node.sh up` of the lab started. Commands run inside its network namespace. */
export interface LabNode {
  /** The only registry the node can reach; plain HTTP. */
  readonly registry: string;
  /** Runs a command to its end; throws with what it printed when it fails. */
  exec(command: string, ...args: string[]): Promise<string>;
  /** Like `exec`, but gives the exit code too. */
  tryExec(command: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  /** Starts a long-running command and resolves when it prints something that matches. */
  start(ready: RegExp, command: string, ...args: string[]): Promise<ChildProcess>;
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
  return {
    registry: "10.10.0.1:5000",
    tryExec,
    async exec(command, ...args) {
      const { code, stdout, stderr } = await tryExec(command, ...args);
      if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
      return stdout;
    },
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

/** Ends a process that `start` began and waits until it is gone. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => {
    child.once("exit", resolve);
  });
  child.kill("SIGTERM");
  await gone;
}
