import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { ignoreGone, localRef } from "../controllers/local-client.ts";
import { equalJson, getNumber, getObjects, getString, type JsonObject, namespaceOf, uidOf } from "../json.ts";
import { formatTime } from "../verbs/api-context.ts";
import { containerCommand, mapPaths } from "./container-command.ts";
import type { ContainerLog } from "./container-log.ts";
import { type ContainerProcess, startProcess } from "./container-process.ts";
import { type ContainerHost, ContainerRunner } from "./container-runner.ts";
import type { FoundImage } from "./image-store.ts";
import { type NodeContext, pause } from "./node-context.ts";
import { containerEnvironment } from "./pod-environment.ts";
import { fillVolumes } from "./pod-files.ts";
import { podStatus } from "./pod-status.ts";
import { resolveInRoot } from "./rootfs.ts";

/** Runs one Pod on the node, from its binding to its end. */
export class PodWorker {
  readonly #context: NodeContext;
  readonly #address: string;
  readonly #dir: string;
  readonly #init: readonly ContainerRunner[];
  readonly #main: readonly ContainerRunner[];
  readonly #stop = new AbortController();
  readonly #startTime: string;
  #pod: JsonObject;
  #folders: ReadonlyMap<string, string> = new Map();
  #gone = false;

  constructor(pod: JsonObject, address: string, context: NodeContext) {
    this.#context = context;
    this.#pod = pod;
    this.#address = address;
    this.#dir = path.join(context.dir, uidOf(pod));
    this.#startTime = formatTime(context.now());
    const host: ContainerHost = {
      pod: () => this.#pod,
      address,
      pull: (reference, policy, signal) => this.#pull(reference, policy, signal),
      start: (spec, image, log, signal) => this.#start(spec, image, log, signal),
      onChange: () => this.#publish(),
    };
    const runners = (list: string): ContainerRunner[] =>
      getObjects(pod, "spec", list).map((spec) => new ContainerRunner(spec, context, host));
    this.#init = runners("initContainers");
    this.#main = runners("containers");
  }

  /** The output of a container; undefined before it first ran. */
  log(container: string, previous: boolean): ContainerLog | undefined {
    const runner = [...this.#init, ...this.#main].find(({ name }) => name === container);
    return previous ? runner?.previousLog : runner?.log;
  }

  /** Takes in a newer state of the Pod. */
  update(pod: JsonObject): void {
    this.#pod = pod;
  }

  /** Runs the containers until they have all ended for good or the Pod is stopped. */
  async run(): Promise<void> {
    this.#publish();
    if (!(await this.#prepare())) return;
    const policy = getString(this.#pod, "spec", "restartPolicy");
    for (const container of this.#init) {
      await container.run(policy === "Never" ? "Never" : "OnFailure");
      if (this.#stop.signal.aborted || container.exitCode !== 0) return;
    }
    await Promise.all(this.#main.map((container) => container.run(policy)));
  }

  /** Ends all containers within the grace period and removes the Pod's files. */
  async stop(graceSeconds: number, options: { readonly gone: boolean }): Promise<void> {
    this.#gone ||= options.gone;
    this.#stop.abort();
    await Promise.all([...this.#init, ...this.#main].map((container) => container.stop(graceSeconds * 1000)));
    await rm(this.#dir, { recursive: true, force: true });
  }

  async #prepare(): Promise<boolean> {
    for (const name of ["home", "tmp"]) await mkdir(path.join(this.#dir, name), { recursive: true });
    if (!isAutomountOff(this.#pod)) {
      const text = this.#context.kubeconfig(this.#pod);
      await writeFile(path.join(this.#dir, "kubeconfig"), text, { mode: 0o600 });
    }
    for (;;) {
      try {
        const token = (audience: string, seconds: number): string =>
          this.#context.token(this.#pod, audience, seconds);
        const { client } = this.#context;
        this.#folders = await fillVolumes(this.#pod, path.join(this.#dir, "volumes"), { client, token });
        return !this.#stop.signal.aborted;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        this.#context.record(this.#pod, "Warning", "FailedMount", `MountVolume.SetUp failed: ${message}`);
        if (!(await pause(1000, this.#stop.signal))) return false;
      }
    }
  }

  #pull(reference: string, policy: string, signal: AbortSignal): Promise<FoundImage> {
    const { client, images } = this.#context;
    const secrets = getObjects(this.#pod, "spec", "imagePullSecrets").flatMap((reference): JsonObject[] => {
      const name = getString(reference, "name");
      const secret = client.get({ collection: "/secrets", namespace: namespaceOf(this.#pod), name });
      return secret === undefined ? [] : [secret];
    });
    return images.find(reference, { secrets, policy, signal });
  }

  async #start(
    spec: JsonObject,
    image: FoundImage,
    log: ContainerLog,
    signal: AbortSignal,
  ): Promise<ContainerProcess> {
    const { client, images, baseEnv, node } = this.#context;
    const declared = containerEnvironment(this.#pod, spec, client);
    const root = await images.unpack(image, signal);
    const mounts = this.#mountsOf(spec);
    const mapped = Object.fromEntries(
      Object.entries(declared).map(([name, value]) => [name, mapPaths(value, mounts)]),
    );
    const env = {
      ...baseEnv,
      ...(await imageEnvironment(image, root)),
      HOME: path.join(this.#dir, "home"),
      TMPDIR: path.join(this.#dir, "tmp"),
      HOSTNAME: getString(this.#pod, "metadata", "name"),
      PKO_BIND_HOST: this.#address,
      ...(isAutomountOff(this.#pod) ? {} : { KUBECONFIG: path.join(this.#dir, "kubeconfig") }),
      ...mapped,
    };
    const config = image.config ?? { architecture: "", os: "", rootfs: { type: "layers", diff_ids: [] } };
    const command = await containerCommand({ container: spec, image: config, root, env, mounts, node });
    signal.throwIfAborted();
    return startProcess({ ...command, env, log });
  }

  #mountsOf(spec: JsonObject): [string, string][] {
    return getObjects(spec, "volumeMounts")
      .flatMap((mount): [string, string][] => {
        const folder = this.#folders.get(getString(mount, "name"));
        const outside = folder === undefined ? undefined : path.join(folder, getString(mount, "subPath"));
        return outside === undefined ? [] : [[getString(mount, "mountPath").replace(/\/$/, ""), outside]];
      })
      .toSorted(([a], [b]) => b.length - a.length);
  }

  /** Writes the status, unless the Pod is gone from the API or nothing changed. */
  #publish(): void {
    if (this.#gone) return;
    const { client, now } = this.#context;
    const ref = localRef("/pods", this.#pod);
    const live = client.get(ref);
    if (live === undefined || uidOf(live) !== uidOf(this.#pod)) return;
    this.#pod = live;
    const status = podStatus({
      pod: live,
      init: this.#init,
      main: this.#main,
      address: this.#address,
      startTime: getString(live, "status", "startTime") || this.#startTime,
      now: now(),
    });
    if (!equalJson(status, live["status"])) ignoreGone(() => client.updateStatus(ref, status));
  }
}

/** Seconds that a Pod which is being deleted has left. */
export function graceOf(pod: JsonObject): number {
  return (
    getNumber(pod, "metadata", "deletionGracePeriodSeconds") ??
    getNumber(pod, "spec", "terminationGracePeriodSeconds") ??
    30
  );
}

function isAutomountOff(pod: JsonObject): boolean {
  return getObjects(pod, "spec", "volumes").every((volume) =>
    getObjects(volume, "projected", "sources").every((source) => source["serviceAccountToken"] === undefined),
  );
}

/** The image's own variables; paths that exist inside of it are given as they are on the machine. */
async function imageEnvironment(image: FoundImage, root: string): Promise<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const entry of image.config?.config?.Env ?? []) {
    const equals = entry.indexOf("=");
    const [name, value] = [entry.slice(0, equals), entry.slice(equals + 1)];
    // The search path inside means nothing outside.
    if (name === "PATH") continue;
    env[name] = value.startsWith("/") ? await resolveInRoot(root, value) : value;
  }
  return env;
}
