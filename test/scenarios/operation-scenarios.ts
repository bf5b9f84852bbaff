import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, afterAll, expect, test, vi } from "vitest";
import { configMap, isCurrent, openCluster, ours, type TestCluster } from "./cluster.ts";
import { type RunningOperator, startOperator } from "./operator.ts";
import { fetchText, freePort } from "./operator-metrics.ts";
import { configMapFile, manifest } from "./packages.ts";
import { createPuller, type Puller } from "./puller.ts";
import { openRegistry, type TestRegistry } from "./registry.ts";

/** How a running operator shows itself: listeners, metrics, leader election, and what it costs. */
export function operationScenarios(kubeconfig: () => string): void {
  let cluster: TestCluster;
  let registry: TestRegistry;
  let puller: Puller;
  let namespace: string;
  let running: RunningOperator[] = [];

  beforeAll(async () => {
    cluster = await openCluster(kubeconfig());
    registry = await openRegistry();
    puller = await createPuller(cluster);
    namespace = puller.namespace;
  });

  afterEach(async () => {
    for (const operator of running) expect(await operator.stop()).toBe(0);
    running = [];
  });

  afterAll(async () => {
    await cluster?.close();
    await registry?.close();
  });

  const start = (...argv: string[]): RunningOperator => {
    const operator = startOperator({
      kubeconfig: kubeconfig(),
      argv: [...puller.flags, "-log-level=0", ...argv],
    });
    running.push(operator);
    return operator;
  };
  const working = (operator: RunningOperator) =>
    vi.waitUntil(() => operator.log.some((line) => line.includes("Starting workers")), { timeout: 30_000 });

  test("metrics and probes answer, and series go with their objects", async () => {
    const [metrics, probes] = [await freePort(), await freePort()];
    const operator = start(
      `-metrics-addr=127.0.0.1:${metrics}`,
      `-health-probe-bind-address=127.0.0.1:${probes}`,
    );
    await working(operator);
    expect(await fetchText(probes, "/healthz")).toBe("ok");
    expect(await fetchText(probes, "/readyz")).toBe("ok");
    const name = `metrics-${randomUUID().slice(0, 8)}`;
    const image = await registry.push(`${name}:v1`, {
      "manifest.yaml": manifest({ name }),
      "a.yaml": configMapFile(name, { namespace, value: "x" }),
    });
    await cluster.client.create({ ...ours("ClusterPackage", name), metadata: { name }, spec: { image } });
    const ref = ours("ClusterPackage", name);
    await cluster.until(ref, "available", (object) => isCurrent(object, "Available", "True"));
    const labels = `pko_name="${name}",pko_namespace=""`;
    const stampOf = (series: string) => new RegExp(`^${series} \\d{10}$`, "m");
    // Every controller tells of its own work, after the API server has told us.
    await vi.waitFor(
      async () => {
        const text = await fetchText(metrics, "/metrics");
        expect(text).toContain(`package_operator_package_availability{${labels},image="${image}"} 1`);
        expect(text).toContain(`package_operator_package_revision{${labels}} 1`);
        expect(text).toMatch(stampOf(`package_operator_package_created_timestamp_seconds{${labels}}`));
        expect(text).toMatch(
          stampOf(
            `package_operator_object_set_succeeded_timestamp_seconds{.*pko_package_instance="${name}".*}`,
          ),
        );
        expect(text).toMatch(/package_operator_managed_cache_informers_total{owner="123-456"} [1-9]/);
        expect(text).toMatch(
          /package_operator_managed_cache_objects_total{owner="123-456",gvk="\/v1, Kind=ConfigMap"} [1-9]/,
        );
        expect(text).toMatch(
          /controller_runtime_reconcile_total{controller="clusterpackage",result="success"} [1-9]/,
        );
      },
      { timeout: 30_000, interval: 100 },
    );
    await cluster.client.delete(ref, { propagation: "Foreground" });
    await cluster.untilGone(ref);
    // The watch of the operator may tell it of the end a moment after the API server told us.
    await vi.waitUntil(async () => !(await fetchText(metrics, "/metrics")).includes(name), {
      timeout: 30_000,
    });
  });

  test("one operator works at a time, the next takes over at once, and both are ready", async () => {
    const election = ["-enable-leader-election=true", `-namespace=${namespace}`];
    const probes = await freePort();
    const first = start(...election);
    await working(first);
    const second = start(...election, `-health-probe-bind-address=127.0.0.1:${probes}`);
    await vi.waitUntil(async () => (await fetchText(probes, "/readyz").catch(() => "")) === "ok", {
      timeout: 30_000,
    });
    expect(second.log.some((line) => line.includes("Starting workers"))).toBe(false);
    const lease = {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      name: "8a4hp84a6s.package-operator-lock",
      namespace,
    };
    const holder = async () =>
      ((await cluster.client.get(lease))["spec"] as { holderIdentity: string }).holderIdentity;
    const held = await holder();
    expect(held).toMatch(/^scenario_/);
    expect(await first.stop()).toBe(0);
    // Nobody holds it now, unless the other one happened to look in this moment.
    expect(await holder()).not.toBe(held);
  });

  test("a restarted operator changes nothing where nothing changed", async () => {
    const name = `restart-${randomUUID().slice(0, 8)}`;
    const set = {
      ...ours("ObjectSet", name),
      metadata: { name, namespace },
      spec: { revision: 1, phases: [{ name: "deploy", objects: [{ object: configMap(name, { a: "1" }) }] }] },
    };
    const first = start();
    await cluster.client.create(set);
    const ref = ours("ObjectSet", name, namespace);
    const before = await cluster.until(ref, "available", (object) => isCurrent(object, "Available", "True"));
    expect(await first.stop()).toBe(0);
    const port = await freePort();
    await working(start(`-metrics-addr=127.0.0.1:${port}`));
    await vi.waitUntil(
      async () =>
        /reconcile_total{controller="objectset",result="success"} [1-9]/.test(
          await fetchText(port, "/metrics"),
        ),
      { timeout: 30_000 },
    );
    const text = await fetchText(port, "/metrics");
    expect(
      text.split("\n").filter((line) => /^rest_client_requests_total.*(PATCH|PUT|POST)/.test(line)),
    ).toEqual([]);
    expect((await cluster.client.get(ref)).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    await cluster.client.delete(ref);
    await cluster.untilGone(ref);
  });

  test("an orphaning delete leaves the objects", async () => {
    const name = `orphan-${randomUUID().slice(0, 8)}`;
    start();
    await cluster.client.create({
      ...ours("ObjectSet", name),
      metadata: { name, namespace },
      spec: { revision: 1, phases: [{ name: "deploy", objects: [{ object: configMap(name, { a: "1" }) }] }] },
    });
    const ref = ours("ObjectSet", name, namespace);
    await cluster.until(ref, "available", (object) => isCurrent(object, "Available", "True"));
    await cluster.client.delete(ref, { propagation: "Orphan" });
    await cluster.untilGone(ref);
    const left = await cluster.client.get({ apiVersion: "v1", kind: "ConfigMap", name, namespace });
    expect(left["data"]).toEqual({ a: "1" });
  });
}
