import { type ChildProcess, execFile, spawn } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import type { KubeObject, ObjectRef } from "@package-operator/kube";
import type { JsonValue } from "@package-operator/kube-yaml";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { conditionOf, openCluster, ours, type TestCluster } from "./cluster.ts";
import { type RecordedObject, recordedState, takenOver } from "./go-operator-state.ts";
import { startInstantPods } from "./instant-pods.ts";
import { assertSettled, freePort } from "./operator-metrics.ts";

const root = path.resolve(import.meta.dirname, "../..");
const program = path.join(root, "dist/bin/package-operator-manager");
const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", namespace: takenOver };

/** A cluster that the Go operator has installed packages in is handed over to this one, which is a program of its own. */
export function takeOverScenarios(kubeconfig: () => string): void {
  let cluster: TestCluster;
  let pods: { close(): Promise<void> };
  let manager: ChildProcess | undefined;
  const log: string[] = [];
  const refs: ObjectRef[] = [];

  beforeAll(async () => {
    await promisify(execFile)(process.execPath, [path.join(root, "scripts/build.mjs")]);
    cluster = await openCluster(kubeconfig());
    const uids = new Map<string, string>();
    for (const recorded of recordedState()) {
      refs.push(await restore(cluster, recorded, uids));
      if (recorded.object.kind === "Namespace") pods = startInstantPods(cluster.client, takenOver);
    }
    const isReady = (object: KubeObject) => conditionOf(object, "Available") === "True";
    for (const ref of refs.filter(({ kind }) => kind === "Deployment")) {
      await cluster.until(ref, "available", isReady);
    }
    // The Go operator gave the lease back when it was ended.
    await cluster.client.create({
      ...lease,
      metadata: { name: "8a4hp84a6s.package-operator-lock", namespace: takenOver },
      spec: { holderIdentity: "", leaseDurationSeconds: 1, leaseTransitions: 3 },
    });
  });

  afterAll(async () => {
    const { client } = cluster;
    for (const ref of [ours("ClusterPackage", "yard"), ours("Package", "shed", takenOver)]) {
      await client.patch(ref, { type: "merge", body: { spec: { paused: false } } });
      await client.delete(ref, { propagation: "Foreground" });
      await cluster.untilGone(ref);
    }
    await client.delete({ apiVersion: "v1", kind: "Namespace", name: takenOver });
    manager?.kill("SIGTERM");
    await pods?.close();
    await cluster.close();
  });

  /** Everything that a hand-over must leave as it is; Pods too, and what stands between them and their Deployment. */
  const snapshot = async (): Promise<Record<string, unknown>> => {
    const objects: KubeObject[] = await Promise.all(refs.map((ref) => cluster.client.get(ref)));
    for (const kind of [
      { apiVersion: "v1", kind: "Pod" },
      { apiVersion: "apps/v1", kind: "ReplicaSet" },
      ours("ClusterObjectSet", ""),
      ours("ObjectSet", ""),
    ]) {
      const { namespace } =
        kind.kind === "ClusterObjectSet" ? { namespace: undefined } : { namespace: takenOver };
      const { items } = await cluster.client.list(
        { apiVersion: kind.apiVersion, kind: kind.kind },
        { namespace },
      );
      objects.push(...items.map((item) => ({ ...item, apiVersion: kind.apiVersion, kind: kind.kind })));
    }
    return Object.fromEntries(objects.map((object) => [`${object.kind}/${object.metadata.name}`, object]));
  };

  describe("taking over from the Go operator", () => {
    test("changes nothing at all", async () => {
      const before = await snapshot();
      const port = await freePort();
      manager = start(kubeconfig(), port, log);
      await vi.waitFor(() => settled(port), { timeout: 60_000, interval: 200 });
      const after = await snapshot();
      expect(Object.keys(after)).toEqual(Object.keys(before));
      for (const [name, object] of Object.entries(after)) expect(object, name).toEqual(before[name]);
      expect(log.filter((line) => line.includes('"level":"error"'))).toEqual([]);
    });

    test("is real: what is taken away from a package comes back, unless the package is paused", async () => {
      const configMap = (name: string) => ({
        apiVersion: "v1",
        kind: "ConfigMap",
        name,
        namespace: takenOver,
      });
      await cluster.client.delete(configMap("shed"));
      await cluster.client.delete(configMap("yard"));
      const back = await cluster.until(configMap("yard"), "back", () => true);
      expect(back["data"]).toEqual({ value: "two" });
      expect(await cluster.client.find(configMap("shed"))).toBeUndefined();
    });
  });
}

/** Creates one object as it was recorded, owners by the uids that they have here. */
async function restore(
  { client }: TestCluster,
  { object, status, applied }: RecordedObject,
  uids: Map<string, string>,
): Promise<ObjectRef> {
  const wanted = replaceUids(object, uids) as unknown as KubeObject & { metadata: { name: string } };
  const { apiVersion, kind } = wanted;
  const ref = { apiVersion, kind, name: wanted.metadata.name, namespace: wanted.metadata.namespace };
  const manager = { fieldManager: applied ? "package-operator" : "package-operator-manager" };
  const stored = applied ? await client.apply(wanted, manager) : await client.create(wanted, manager);
  uids.set(`$${kind}/${ref.name}`, stored.metadata.uid ?? "");
  if (status)
    await client.patch(ref, { type: "merge", body: { status } }, { ...manager, subresource: "status" });
  return ref;
}

function replaceUids(value: JsonValue, uids: ReadonlyMap<string, string>): JsonValue {
  if (typeof value === "string") return uids.get(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => replaceUids(item, uids));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]) => [key, replaceUids(item, uids)]));
}

/** Starts the bundled program, as its image does. Nothing answers where it would pull from. */
function start(kubeconfig: string, port: number, log: string[]): ChildProcess {
  const options = [
    `-kubeconfig=${kubeconfig}`,
    `-namespace=${takenOver}`,
    `-service-account-namespace=${takenOver}`,
    "-service-account-name=default",
    `-metrics-addr=127.0.0.1:${port}`,
    "-health-probe-bind-address=0",
  ];
  const child = spawn(process.execPath, [program, ...options], { stdio: ["ignore", "ignore", "pipe"] });
  child.stderr.on("data", (chunk: Buffer) => log.push(...chunk.toString().split("\n")));
  return child;
}

/** Throws until every controller that has something to do here has done it, and nothing waits. */
async function settled(port: number): Promise<void> {
  const kinds = ["package", "objectdeployment", "objectset"].flatMap((kind) => [kind, `cluster${kind}`]);
  const { text } = await assertSettled(port, Object.fromEntries(kinds.map((kind) => [kind, 1])));
  for (const name of ["yard", "shed"]) {
    expect(text).toMatch(new RegExp(`^package_operator_package_availability\\{pko_name="${name}".* 1$`, "m"));
  }
}
