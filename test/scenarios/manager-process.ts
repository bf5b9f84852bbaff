import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

/** The operator as it is shipped: one program, to be run as processes of their own. */
export interface BundledManager {
  start(options: StartOptions): ManagerProcess;
  remove(): Promise<void>;
}

interface StartOptions {
  readonly kubeconfig: string;
  readonly argv?: readonly string[];
}

/** A running operator. */
export interface ManagerProcess {
  readonly pid: number;
  /** What it wrote so far. */
  readonly log: () => string;
  /** Resolves when it is gone, whoever ended it. */
  readonly ended: Promise<void>;
  /** Ends it cleanly, or with `SIGKILL` as a power failure would; resolves when it is gone. */
  end(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/** Bundles the operator of the repository at `root` into a folder of its own. */
export async function bundleManager(root: string): Promise<BundledManager> {
  const { bundle } = (await import(path.join(root, "scripts/bundle.mjs"))) as {
    bundle: (options: { entry: string; dir: string; name: string }) => Promise<{ file: string }>;
  };
  const dir = await mkdtemp(path.join(os.tmpdir(), "bundled-manager-"));
  const entry = path.join(root, "packages/manager/src/manager-main.ts");
  const { file } = await bundle({ entry, dir, name: "main" });
  return {
    start: (options) => start(file, options),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

function start(program: string, { kubeconfig, argv = [] }: StartOptions): ManagerProcess {
  const flags = [
    `-kubeconfig=${kubeconfig}`,
    "-metrics-addr=0",
    "-health-probe-bind-address=0",
    "-enable-leader-election=false",
    "-namespace=default",
  ];
  const child = spawn(process.execPath, [program, ...flags, ...argv], {
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const ended = exitOf(child);
  return {
    pid: child.pid ?? 0,
    log: () => log,
    ended,
    end(signal = "SIGTERM") {
      child.kill(signal);
      return ended;
    },
  };
}

function exitOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve());
  });
}
