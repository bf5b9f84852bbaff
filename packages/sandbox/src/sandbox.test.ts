import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  createKubeClient,
  type KubeClient,
  type KubeObject,
  loadKubeConfig,
  waitFor,
} from "@package-operator/kube";
import {
  buildImage,
  createLayer,
  createRegistryClient,
  type TarInput,
  writeImage,
} from "@package-operator/oci";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createSandbox, type Sandbox } from "./sandbox.ts";

vi.setConfig({ testTimeout: 90_000 });

let sandbox: Sandbox;
let client: KubeClient;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "sandbox-test-"));
  sandbox = await createSandbox({ registries: ["quay.io"], backoff: { first: 100, longest: 400 } });
  const file = path.join(dir, "kubeconfig");
  await sandbox.writeKubeconfig(file);
  client = createKubeClient(await loadKubeConfig({ env: {}, kubeconfig: file }));
});

afterAll(async () => {
  await client.close();
  await sandbox.close();
  await rm(dir, { recursive: true, force: true });
});

/** A program that says who it is, answers on a port, and writes through its own kubeconfig. */
const program = `#!/usr/bin/node
import { createServer } from "node:http";
import { existsSync, readFileSync } from "node:fs";
console.log("args", process.argv.slice(2).join(" "), "env", process.env.GREETING, process.env.POD_NAME);
console.log("kubeconfig", existsSync(process.env.KUBECONFIG ?? ""));
if (process.argv[2] === "once") process.exit(0);
if (process.argv[2] === "fail") process.exit(3);
console.log("config", readFileSync(process.argv[2].replace("--config=", ""), "utf8"));
createServer((request, response) => response.end("ok")).listen(8080, process.env.PKO_BIND_HOST);
process.on("SIGTERM", () => { console.log("bye"); process.exit(0); });
`;

async function pushProgram(name: string, labels: Record<string, string>): Promise<void> {
  const entries: TarInput[] = [
    { path: "app/", type: "directory", mode: 0o755 },
    { path: "app/main", content: Buffer.from(program), mode: 0o755 },
    { path: "app/package.json", content: Buffer.from('{"type":"module"}'), mode: 0o644 },
    { path: "main", type: "symlink", linkName: "app/main", mode: 0o777 },
  ];
  const image = buildImage({
    format: "oci",
    layers: [await createLayer(entries, { format: "oci" })],
    platform: { os: "linux", architecture: "amd64" },
    config: { Entrypoint: ["/main"], WorkingDir: "/", Labels: labels },
  });
  const registry = createRegistryClient({ resolve: sandbox.resolve });
  await writeImage(registry.repository("quay.io", name), image, { tags: ["v1"] });
  await registry.close();
}

const runnable = { "run.package-operator.sandbox/process": "true" };

function podOf(
  name: string,
  container: Record<string, unknown>,
  spec: Record<string, unknown> = {},
): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: { containers: [{ name: "main", image: "quay.io/test/app:v1", ...container }], ...spec },
  };
}

const ref = (kind: string, name: string, apiVersion = "v1") => ({
  apiVersion,
  kind,
  namespace: "default",
  name,
});
const deadline = { timeoutMs: 30_000 };
const path_ = (object: KubeObject | undefined, ...keys: (string | number)[]): unknown =>
  keys.reduce<unknown>(
    (value, key) => (value as Record<string | number, unknown> | undefined)?.[key],
    object,
  );

test("a labelled image runs as a process: arguments, environment, volumes, logs, readiness, termination", async () => {
  await pushProgram("test/app", runnable);
  await client.create({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "greeting", namespace: "default" },
    data: { text: "hello", "app.conf": "size=3" },
  });
  await client.create(
    podOf(
      "server",
      {
        args: ["--config=/etc/app/app.conf"],
        env: [
          { name: "GREETING", valueFrom: { configMapKeyRef: { name: "greeting", key: "text" } } },
          { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
        ],
        readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 },
        volumeMounts: [{ name: "conf", mountPath: "/etc/app" }],
      },
      { volumes: [{ name: "conf", configMap: { name: "greeting" } }] },
    ),
  );
  const isReady = (pod: KubeObject | undefined): boolean =>
    path_(pod, "status", "containerStatuses", 0, "ready") === true;
  await waitFor(client, ref("Pod", "server"), isReady, deadline);
  const log = await client.raw({ method: "GET", path: "/api/v1/namespaces/default/pods/server/log" });
  expect(log.body).toContain("env hello server");
  expect(log.body).toContain("kubeconfig true");
  expect(log.body).toContain("config size=3");
  await client.delete(ref("Pod", "server"));
  await waitFor(client, ref("Pod", "server"), (pod) => pod === undefined, deadline);
});

test("a Job runs its program to the end and vanishes when it asks to", async () => {
  await client.create({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "once", namespace: "default" },
    spec: {
      ttlSecondsAfterFinished: 0,
      template: {
        spec: {
          restartPolicy: "OnFailure",
          containers: [{ name: "main", image: "quay.io/test/app:v1", args: ["once"] }],
        },
      },
    },
  });
  const gone = waitFor(client, ref("Job", "once", "batch/v1"), (job) => job === undefined, deadline);
  await expect(gone).resolves.toBeUndefined();
});

test("a program that fails is started again, later each time", async () => {
  await client.create(podOf("failing", { args: ["fail"] }, { restartPolicy: "OnFailure" }));
  const restarted = (pod: KubeObject | undefined): boolean =>
    (path_(pod, "status", "containerStatuses", 0, "restartCount") as number) >= 2;
  const pod = await waitFor(client, ref("Pod", "failing"), restarted, deadline);
  expect(path_(pod, "status", "containerStatuses", 0, "lastState", "terminated", "exitCode")).toBe(3);
  await client.delete(ref("Pod", "failing"));
});

test("a Deployment of an image without the label counts as available once its image is found", async () => {
  await pushProgram("test/plain", {});
  await client.create({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "plain", namespace: "default" },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: "plain" } },
      template: {
        metadata: { labels: { app: "plain" } },
        spec: { containers: [{ name: "main", image: "quay.io/test/plain:v1" }] },
      },
    },
  });
  const available = (object: KubeObject | undefined): boolean =>
    path_(object, "status", "availableReplicas") === 2;
  await expect(
    waitFor(client, ref("Deployment", "plain", "apps/v1"), available, deadline),
  ).resolves.toBeDefined();
});

test("an image that is in no registry shows the registry's answer", async () => {
  await client.create(podOf("missing", { image: "quay.io/test/missing:v1" }));
  const backsOff = (pod: KubeObject | undefined): boolean =>
    path_(pod, "status", "containerStatuses", 0, "state", "waiting", "reason") === "ImagePullBackOff";
  const pod = await waitFor(client, ref("Pod", "missing"), backsOff, deadline);
  expect(path_(pod, "status", "containerStatuses", 0, "state", "waiting", "message")).toMatch(
    /MANIFEST_UNKNOWN|NAME_UNKNOWN|not found/i,
  );
});

test("a sandbox with a folder keeps its objects, its authority and its images", async () => {
  const dataDir = path.join(dir, "data");
  const first = await createSandbox({ dataDir, registries: ["quay.io"], runPods: false });
  first.server.client("test").create("/configmaps", {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "kept", namespace: "default" },
  });
  const authority = first.server.certificateAuthority;
  await expect(createSandbox({ dataDir })).rejects.toMatchObject({ code: "InvalidOptions" });
  await first.close();
  const second = await createSandbox({ dataDir, registries: ["quay.io"], runPods: false });
  const kept = second.server
    .client("test")
    .get({ collection: "/configmaps", namespace: "default", name: "kept" });
  expect(kept).toBeDefined();
  expect(second.server.certificateAuthority).toBe(authority);
  await second.close();
});
