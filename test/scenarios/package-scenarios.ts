import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { conditionOf, isCurrent, openCluster, ours, type TestCluster } from "./cluster.ts";
import { type RunningOperator, startOperator } from "./operator.ts";
import { configMapFile, manifest } from "./packages.ts";
import { openRegistry, type TestRegistry } from "./registry.ts";

/** What the package controllers do, on any cluster. */
export function packageScenarios(kubeconfig: () => string): void {
  let cluster: TestCluster;
  let registry: TestRegistry;
  let operator: RunningOperator;
  let namespace: string;

  beforeAll(async () => {
    cluster = await openCluster(kubeconfig());
    registry = await openRegistry();
    namespace = await cluster.namespace();
    await cluster.create({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "puller", namespace },
    });
    operator = startOperator({
      kubeconfig: kubeconfig(),
      argv: [`-service-account-namespace=${namespace}`, "-service-account-name=puller"],
    });
  });

  afterAll(async () => {
    await cluster?.close();
    expect(await operator?.stop()).toBe(0);
    await registry?.close();
  });

  describe("a ClusterPackage", () => {
    test("is pulled, rolled out and becomes available", async () => {
      const name = `demo-${randomUUID().slice(0, 8)}`;
      const image = await registry.push(`${name}:v1`, {
        "manifest.yaml": manifest({ name }),
        "a.yaml.gotmpl": configMapFile("a", { namespace }),
        "b.yaml.gotmpl": configMapFile("b", { namespace }),
      });
      await cluster.create({
        ...ours("ClusterPackage", name),
        metadata: { name },
        spec: { image, config: { value: "two" } },
      });
      const available = await cluster.until(ours("ClusterPackage", name), "available", (object) =>
        isCurrent(object, "Available", "True"),
      );
      expect(conditionOf(available, "Unpacked")).toBe("True");
      expect(conditionOf(available, "Progressing")).toBe("False");
      const live = await cluster.client.get({ apiVersion: "v1", kind: "ConfigMap", name: "a", namespace });
      expect(live["data"]).toEqual({ value: "two" });
      expect(live.metadata.labels).toMatchObject({
        "package-operator.run/cache": "True",
        "package-operator.run/package": name,
        "package-operator.run/instance": name,
      });
    });
  });
}
