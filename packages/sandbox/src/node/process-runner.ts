import { mkdtemp, rm } from "node:fs/promises";
import { arch, cpus, release, tmpdir, totalmem } from "node:os";
import path from "node:path";
import type { ApiServer, SandboxLog } from "../api-server.ts";
import { isRefusal, type LocalClient, localRef } from "../controllers/local-client.ts";
import type { ApiResponse } from "../http/api-response.ts";
import type { LogRequest } from "../http/resource-request.ts";
import { getString, type JsonObject, namespaceOf, uidOf } from "../json.ts";
import { createKubeconfig } from "../kubeconfig.ts";
import type { StoreEvent } from "../storage/object-store.ts";
import { formatTime } from "../verbs/api-context.ts";
import { createEventRecorder } from "./event-recorder.ts";
import { createImageStore } from "./image-store.ts";
import { type NodeContext, nodeName } from "./node-context.ts";
import { answerLog } from "./pod-logs.ts";
import { graceOf, PodWorker } from "./pod-worker.ts";

/** Options of {@link startProcessRunner}. */
export interface ProcessRunnerOptions {
  readonly server: ApiServer;
  /** Where host names lead. */
  readonly resolve: Readonly<Record<string, string>>;
  readonly allowAnyProcess: boolean;
  readonly log: SandboxLog;
  /** Folder for images and Pods. Default: a new one below the system's temporary folder, removed at the end. */
  readonly dir?: string;
  /** First and longest delay before a failed pull or start is tried again. Default: 10 s and 5 min, as on a real node. */
  readonly backoff?: NodeContext["backoff"];
  /** The Node that runs scripts made for Node. Default: the one that runs the sandbox. */
  readonly node?: string;
  /** Environment that every process starts from. Default: the search path and the locale of the sandbox. */
  readonly baseEnv?: Readonly<Record<string, string>>;
}

/** The only node of the sandbox: it runs the Pods' programs as processes of the machine. */
export interface ProcessRunner {
  /** Answers `pods/log`. */
  readLog(request: LogRequest): ApiResponse;
  /** Ends all processes. */
  close(): Promise<void>;
}

/** How long processes have to end when the whole sandbox does. */
const closeGraceSeconds = 3;

/** Starts the node: registers it, takes every Pod that has no other, and runs it. */
export async function startProcessRunner(options: ProcessRunnerOptions): Promise<ProcessRunner> {
  const { server, log } = options;
  const dir = options.dir ?? (await mkdtemp(path.join(tmpdir(), "pko-sandbox-node-")));
  const { now, store } = server.context;
  const client = server.client("kubelet");
  const images = createImageStore({
    dir: path.join(dir, "images"),
    resolve: options.resolve,
    architecture: ociArchitecture(),
  });
  const token = (pod: JsonObject, audience: string, seconds: number): string =>
    issueToken(server, client, pod, audience === "" ? [] : [audience], seconds);
  const context: NodeContext = {
    client,
    images,
    now,
    dir: path.join(dir, "pods"),
    record: createEventRecorder(client, "kubelet", now),
    allowAnyProcess: options.allowAnyProcess,
    backoff: options.backoff ?? { first: 10_000, longest: 300_000 },
    node: options.node ?? process.execPath,
    baseEnv: options.baseEnv ?? pickEnvironment(process.env),
    token,
    kubeconfig: (pod) =>
      JSON.stringify(
        createKubeconfig({
          url: server.url,
          certificateAuthority: server.certificateAuthority,
          user: getString(pod, "spec", "serviceAccountName"),
          token: token(pod, "", yearSeconds),
          namespace: namespaceOf(pod),
        }),
      ),
  };
  registerNode(client, now());
  const pods = new PodSet(context, log);
  const unsubscribe = store.subscribe("/pods", (event) => pods.observe(event));
  for (const pod of store.list("/pods"))
    pods.observe({ type: "ADDED", revision: store.revision, object: pod });
  return {
    readLog: (request) =>
      answerLog(
        request,
        (pod, container, previous) => pods.find(pod)?.log(container, previous),
        now().getTime(),
      ),
    close: async () => {
      unsubscribe();
      await pods.close();
      await images.close();
      if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
    },
  };
}

const yearSeconds = 365 * 24 * 3600;

/** The workers of all Pods of the node. */
class PodSet {
  readonly #context: NodeContext;
  readonly #log: SandboxLog;
  readonly #workers = new Map<string, PodWorker>();
  readonly #ending = new Map<string, Promise<void>>();
  #addresses = 0;
  #closed = false;

  constructor(context: NodeContext, log: SandboxLog) {
    this.#context = context;
    this.#log = log;
  }

  find(pod: JsonObject): PodWorker | undefined {
    return this.#workers.get(uidOf(pod));
  }

  /** Takes in a change of a Pod; everything that writes happens after the writer's turn. */
  observe({ type, object }: StoreEvent): void {
    if (this.#closed) return;
    if (type === "DELETED") {
      this.#end(object, { gone: true });
      return;
    }
    const worker = this.#workers.get(uidOf(object));
    worker?.update(object);
    if (getString(object, "metadata", "deletionTimestamp") !== "") {
      if (worker !== undefined || isOurs(object)) this.#end(object, { gone: false });
    } else if (worker === undefined) {
      setImmediate(() => this.#admit(object));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const stops = [...this.#workers.values()].map((worker) => worker.stop(closeGraceSeconds, { gone: true }));
    await Promise.all([...stops, ...this.#ending.values()]);
  }

  #admit(pod: JsonObject): void {
    const { client, record } = this.#context;
    const live = client.get(localRef("/pods", pod));
    if (this.#closed || live === undefined || uidOf(live) !== uidOf(pod) || this.#workers.has(uidOf(pod)))
      return;
    const phase = getString(live, "status", "phase");
    if (phase === "Succeeded" || phase === "Failed") return;
    if (getString(live, "spec", "nodeName") === "") {
      client.bind(localRef("/pods", live), nodeName);
      record(
        live,
        "Normal",
        "Scheduled",
        `Successfully assigned ${namespaceOf(live)}/${getString(live, "metadata", "name")} to ${nodeName}`,
      );
      return;
    }
    if (!isOurs(live)) return;
    const worker = new PodWorker(live, this.#nextAddress(), this.#context);
    this.#workers.set(uidOf(live), worker);
    worker
      .run()
      .catch((error: unknown) =>
        this.#log(
          "error",
          `pod ${namespaceOf(live)}/${getString(live, "metadata", "name")}: ${String(error)}`,
        ),
      );
  }

  /** Ends a Pod's processes and then the Pod itself. */
  #end(pod: JsonObject, { gone }: { readonly gone: boolean }): void {
    const uid = uidOf(pod);
    const worker = this.#workers.get(uid);
    if (this.#ending.has(uid) && !gone) return;
    const finish = async (): Promise<void> => {
      await worker?.stop(gone ? closeGraceSeconds : graceOf(pod), { gone });
      this.#workers.delete(uid);
      if (!gone)
        this.#context.client.delete(localRef("/pods", pod), {
          gracePeriodSeconds: 0,
          preconditions: { uid },
        });
    };
    const ended = finish()
      .catch((error: unknown) => {
        if (!isRefusal(error, "Conflict")) this.#log("error", `ending a pod: ${String(error)}`);
      })
      .finally(() => this.#ending.delete(uid));
    this.#ending.set(uid, ended);
  }

  /** Every Pod has a loopback address of its own, so that all can use the same ports. */
  #nextAddress(): string {
    const number = ++this.#addresses;
    return `127.240.${(number >> 8) & 255}.${number & 255}`;
  }
}

function isOurs(pod: JsonObject): boolean {
  return getString(pod, "spec", "nodeName") === nodeName;
}

function issueToken(
  server: ApiServer,
  client: LocalClient,
  pod: JsonObject,
  audiences: readonly string[],
  seconds: number,
): string {
  const namespace = namespaceOf(pod);
  const name = getString(pod, "spec", "serviceAccountName");
  const account = client.get({ collection: "/serviceaccounts", namespace, name });
  const subject = {
    namespace,
    name,
    uid: account === undefined ? "" : uidOf(account),
    pod: { name: getString(pod, "metadata", "name"), uid: uidOf(pod) },
  };
  return server.tokens.issue(subject, { seconds, audiences, now: server.context.now() }).token;
}

function registerNode(client: LocalClient, now: Date): void {
  const ref = { collection: "/nodes", namespace: "", name: nodeName };
  if (client.get(ref) === undefined) {
    client.create("/nodes", {
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name: nodeName,
        labels: {
          "kubernetes.io/hostname": nodeName,
          "kubernetes.io/os": "linux",
          "kubernetes.io/arch": ociArchitecture(),
          "node-role.kubernetes.io/control-plane": "",
        },
      },
      spec: {},
    });
  }
  const time = formatTime(now);
  const resources = { cpu: String(cpus().length), memory: `${Math.floor(totalmem() / 1024)}Ki`, pods: "110" };
  client.updateStatus(ref, {
    capacity: resources,
    allocatable: resources,
    conditions: [
      {
        type: "Ready",
        status: "True",
        lastHeartbeatTime: time,
        lastTransitionTime: time,
        reason: "KubeletReady",
        message: "the process runner is ready",
      },
    ],
    addresses: [
      { type: "InternalIP", address: "127.0.0.1" },
      { type: "Hostname", address: nodeName },
    ],
    nodeInfo: {
      machineID: "",
      systemUUID: "",
      bootID: "",
      kernelVersion: release(),
      osImage: "package-operator sandbox",
      containerRuntimeVersion: `process://${process.version}`,
      kubeletVersion: "sandbox",
      kubeProxyVersion: "",
      operatingSystem: "linux",
      architecture: ociArchitecture(),
    },
  });
}

/** The machine's processor in the words of images. */
function ociArchitecture(): string {
  const names: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };
  return names[arch()] ?? arch();
}

function pickEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    ["PATH", "LANG", "TZ"].flatMap((name): [string, string][] => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
