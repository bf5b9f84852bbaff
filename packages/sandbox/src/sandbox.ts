import { writeFile } from "node:fs/promises";
import path from "node:path";
import { type ApiServer, createApiServer, type SandboxLog } from "./api-server.ts";
import { startControllers } from "./controllers/start-controllers.ts";
import type { JsonObject } from "./json.ts";
import { pathNotFound } from "./refusals.ts";
import { type ProcessRunner, startProcessRunner } from "./node/process-runner.ts";
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

/** Starts a sandbox: API server, controllers, registries. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const log = options.log ?? (() => undefined);
  log(
    "warn",
    "The sandbox is for trying and testing: processes are not isolated, nothing here is for production.",
  );
  const registries = await Promise.all(
    (options.registries ?? []).map((host) => startSandboxRegistry(host, folderOf(options.dataDir, host))),
  );
  const resolve = {
    ...Object.fromEntries(registries.map(({ host, url }) => [host, url])),
    ...options.resolve,
  };
  let runner: ProcessRunner | undefined;
  const server = await createApiServer({
    port: options.port ?? 0,
    log,
    readLog: (request) => {
      if (runner === undefined) throw pathNotFound();
      return runner.readLog(request);
    },
  });
  const controllers = startControllers({
    api: server.context,
    certificateAuthority: server.certificateAuthority,
    onError: (error, controller, key) => log("warn", String(error), { controller, key }),
  });
  const { allowAnyProcess = false, backoff } = options;
  if (options.runPods !== false) {
    runner = await startProcessRunner({ server, resolve, log, allowAnyProcess, ...(backoff && { backoff }) });
  }
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    controllers.close();
    await runner?.close();
    await server.close();
    await Promise.all(registries.map((registry) => registry.stop()));
  };
  const sandbox: Sandbox = {
    url: server.url,
    kubeconfig: server.kubeconfig,
    resolve,
    server,
    writeKubeconfig: (file) =>
      writeFile(file, `${JSON.stringify(server.kubeconfig, null, 2)}\n`, { mode: 0o600 }),
    registry: (host) => findRegistry(registries, host),
    close: () => (closing ??= close()),
  };
  options.signal?.addEventListener("abort", () => void sandbox.close(), { once: true });
  return sandbox;
}

function folderOf(dataDir: string | undefined, host: string): string | undefined {
  return dataDir === undefined ? undefined : path.join(dataDir, "registries", host.replaceAll(":", "_"));
}
