import { writeFile } from "node:fs/promises";
import path from "node:path";
import { type ApiServer, createApiServer, type SandboxLog } from "./api-server.ts";
import { startControllers } from "./controllers/start-controllers.ts";
import type { JsonObject } from "./json.ts";
import { pathNotFound } from "./refusals.ts";
import { type ProcessRunner, startProcessRunner } from "./node/process-runner.ts";
import { openDataDir } from "./storage/data-dir.ts";
import { ObjectStore } from "./storage/object-store.ts";
import { findRegistry, type SandboxRegistry, startSandboxRegistry } from "./sandbox-registry.ts";

/** Options of {@link createSandbox}. */
export interface SandboxOptions {
  /** Keeps objects and registries in this folder; in memory when absent. */
  readonly dataDir?: string;
  /** Host names that get a registry of their own. */
  readonly registries?: readonly string[];
  /** More host names and the URLs where they are reached. */
  readonly resolve?: Readonly<Record<string, string>>;
  /** Runs the program of every image, not only of those labelled for it. There is no isolation. */
  readonly allowAnyProcess?: boolean;
  /** Whether Pods are run. Default true; otherwise they stay `Pending`, as without a node. */
  readonly runPods?: boolean;
  /** First and longest delay before a failed pull or start is tried again, in ms. Default: 10 s, 5 min. */
  readonly backoff?: { readonly first: number; readonly longest: number };
  /** Default: silence. */
  readonly log?: SandboxLog;
  /** Closes the sandbox when aborted. */
  readonly signal?: AbortSignal;
  /** Port of the API on 127.0.0.1; 0, the default, lets the system choose. */
  readonly port?: number;
}

/** A Kubernetes control plane with registries, for trying and testing. */
export interface Sandbox {
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** The administrator's kubeconfig as plain JSON, which is YAML as well. */
  readonly kubeconfig: JsonObject;
  /** Host names and where they lead, for registry clients. */
  readonly resolve: Readonly<Record<string, string>>;
  readonly server: ApiServer;
  /** Writes the kubeconfig, readable by its owner only. */
  writeKubeconfig(file: string): Promise<void>;
  /** The registry of a host. @throws SandboxError `InvalidOptions` when there is none. */
  registry(host: string): SandboxRegistry;
  /** Stops everything; what is kept in a folder stays. */
  close(): Promise<void>;
}

/** Starts a sandbox: API server, controllers, registries, the process runner. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const log = options.log ?? (() => undefined);
  log(
    "warn",
    "The sandbox is for trying and testing: processes are not isolated, nothing here is for production.",
  );
  const closers: (() => void | Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  try {
    const sandbox = await startParts(options, log, closers);
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => (closing ??= closeAll());
    options.signal?.addEventListener("abort", () => void close(), { once: true });
    return { ...sandbox, close };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Starts the parts in the order they need each other; what is put on `closers` is closed the other way round. */
async function startParts(
  options: SandboxOptions,
  log: SandboxLog,
  closers: (() => void | Promise<void>)[],
): Promise<Omit<Sandbox, "close">> {
  const data = options.dataDir === undefined ? undefined : await openDataDir(options.dataDir, Date.now());
  closers.push(() => data?.close());
  const registries: SandboxRegistry[] = [];
  for (const host of options.registries ?? []) {
    const registry = await startSandboxRegistry(host, folderOf(options.dataDir, host));
    closers.push(() => registry.stop());
    registries.push(registry);
  }
  const resolve = {
    ...Object.fromEntries(registries.map(({ host, url }) => [host, url])),
    ...options.resolve,
  };
  const store = new ObjectStore(data === undefined ? {} : { journal: data.journal });
  store.restore(data?.journal.records ?? []);
  let runner: ProcessRunner | undefined;
  const server = await createApiServer({
    store,
    port: options.port ?? 0,
    log,
    ...(data === undefined ? {} : { keys: data.keys }),
    readLog: (request) => {
      if (runner === undefined) throw pathNotFound();
      return runner.readLog(request);
    },
  });
  closers.push(() => server.close());
  if (options.runPods !== false) {
    const { allowAnyProcess = false, backoff } = options;
    const started = await startProcessRunner({
      server,
      resolve,
      log,
      allowAnyProcess,
      ...(backoff && { backoff }),
    });
    closers.push(() => started.close());
    runner = started;
  }
  const controllers = startControllers({
    api: server.context,
    certificateAuthority: server.certificateAuthority,
    onError: (error, controller, key) => log("warn", String(error), { controller, key }),
  });
  closers.push(() => controllers.close());
  return {
    url: server.url,
    kubeconfig: server.kubeconfig,
    resolve,
    server,
    writeKubeconfig: (file) =>
      writeFile(file, `${JSON.stringify(server.kubeconfig, null, 2)}\n`, { mode: 0o600 }),
    registry: (host) => findRegistry(registries, host),
  };
}

function folderOf(dataDir: string | undefined, host: string): string | undefined {
  return dataDir === undefined ? undefined : path.join(dataDir, "registries", host.replaceAll(":", "_"));
}
