import { randomUUID } from "node:crypto";
import { type KubeObject, refOf, waitFor } from "@package-operator/kube";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { conditionOf, isCurrent, messageOf, openCluster, ours, type TestCluster } from "./cluster.ts";
import { hostedClusterCrd, hostedClusterKind } from "./hosted-cluster-crd.ts";
import { type RunningOperator, startOperator } from "./operator.ts";
import { configMapFile, manifest } from "./packages.ts";
import { createPuller, type Puller } from "./puller.ts";
import { openRegistry, type TestRegistry } from "./registry.ts";

const { apiVersion, kind } = hostedClusterKind;

/** What the operator does for hosted clusters. HyperShift is only a CRD here. */
export function hyperShiftScenarios(kubeconfig: () => string): void {
  let cluster: TestCluster;
  let registry: TestRegistry;
  let operator: RunningOperator;
  let puller: Puller;
  let namespace: string;
  let image: string;

  const start = () =>
    startOperator({
      kubeconfig: kubeconfig(),
      argv: [
        ...puller.flags,
        `-package-operator-package-image=${image}`,
        '-sub-component-tolerations=[{"key":"infra"}]',
        "-log-level=0",
      ],
    });

  beforeAll(async () => {
    cluster = await openCluster(kubeconfig());
    const crd = refOf(hostedClusterCrd);
    if (await cluster.client.find(crd)) {
      await cluster.client.delete(crd);
      await cluster.untilGone(crd);
    }
    registry = await openRegistry();
    puller = await createPuller(cluster);
    namespace = puller.namespace;
    image = await registry.push("demo:v1", {
      "manifest.yaml": manifest({ name: "demo", extra: "  components: {}\n" }),
      "a.yaml.gotmpl": configMapFile("demo", {
        value: "{{ .environment.hyperShift.hostedCluster.metadata.name }}",
      }),
      "components/remote-phase/manifest.yaml": manifest({ name: "remote-phase" }),
      "components/remote-phase/a.yaml": configMapFile("remote-phase", { value: "there" }),
    });
  });

  afterAll(async () => {
    await cluster?.close();
    expect(await operator?.stop()).toBe(0);
    await registry?.close();
  });

  test("the operator ends to come back when HyperShift is installed", { timeout: 120_000 }, async () => {
    operator = start();
    await vi.waitUntil(() => operator.log.some((line) => line.includes("Starting workers")), {
      timeout: 60_000,
    });
    await cluster.create(hostedClusterCrd);
    expect(await operator.ended).toBe(0);
    expect(operator.log.join("\n")).toContain(
      "detected hypershift installation after setup completed, restarting operator",
    );
    operator = start();
  });

  describe("with hosted clusters", () => {
    const id = randomUUID().slice(0, 8);
    const names = ["one", "two.dotted"].map((name) => `${name}-${id}`);
    const controlPlane = (name: string) => `${namespace}-${name.replaceAll(".", "-")}`;
    const setAvailable = (name: string) => {
      const condition = {
        type: "Available",
        status: "True",
        reason: "AsExpected",
        message: "",
        lastTransitionTime: "2024-01-01T00:00:00Z",
      };
      const body = { status: { conditions: [condition] } };
      return cluster.client.patch(
        { apiVersion, kind, name, namespace },
        { type: "merge", body },
        { subresource: "status" },
      );
    };

    test("an available one gets a phase manager", async () => {
      for (const name of names) {
        const place = controlPlane(name);
        await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: place } });
        await cluster.create({
          apiVersion,
          kind,
          metadata: { name, namespace, labels: { ring: name.slice(0, 3) } },
        });
      }
      await setAvailable(names[0]!);
      const ref = ours("Package", "remote-phase", controlPlane(names[0]!));
      const pkg = await cluster.until(ref, "available", (object) => isCurrent(object, "Available", "True"));
      expect(pkg["spec"]).toEqual({
        image,
        component: "remote-phase",
        config: { tolerations: [{ key: "infra" }] },
      });
      expect(
        await cluster.client.find(ours("Package", "remote-phase", controlPlane(names[1]!))),
      ).toBeUndefined();
      await cluster.client.patch(ref, { type: "merge", body: { spec: { image: "other", paused: true } } });
      const back = await cluster.until(
        ref,
        "repaired",
        (object) => (object["spec"] as { image: string }).image === image,
      );
      expect(back["spec"]).toMatchObject({ paused: true });
    });

    test("each gets the package of a HostedClusterPackage", async () => {
      await setAvailable(names[1]!);
      const name = `hcp-${id}`;
      const own: KubeObject = {
        ...ours("HostedClusterPackage", name),
        metadata: { name },
        spec: {
          strategy: { rollingUpgrade: { maxUnavailable: 1 } },
          partition: { labelKey: "ring", order: { static: ["two"] } },
          template: { spec: { image } },
        },
      };
      await cluster.create(own);
      const ref = ours("HostedClusterPackage", name);
      const done = await cluster.until(
        ref,
        "done",
        (object) =>
          isCurrent(object, "Available", "True") &&
          isCurrent(object, "Progressing", "False") &&
          messageOf(object, "Available") === "2/2 packages available.",
      );
      expect(done["status"]).toMatchObject({ totalPackages: 2, availablePackages: 2, updatedPackages: 2 });
      expect(conditionOf(done, "HasPausedPackage")).toBe("False");
      for (const hosted of names) {
        const map = { apiVersion: "v1", kind: "ConfigMap", name: "demo", namespace: controlPlane(hosted) };
        expect((await cluster.client.get(map))["data"]).toEqual({ value: hosted });
      }
      const body = { spec: { template: { spec: { config: { value: "new" } } } } };
      await cluster.client.patch(ref, { type: "merge", body });
      await waitFor(
        cluster.client,
        ref,
        (object) => {
          const { updatedPackages } = (object?.["status"] ?? {}) as { updatedPackages?: number };
          return object !== undefined && updatedPackages === 2 && isCurrent(object, "Progressing", "False");
        },
        { timeoutMs: 60_000 },
      );
    });
  });
}
