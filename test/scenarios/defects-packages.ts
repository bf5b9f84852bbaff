import type { KubeObject } from "@package-operator/kube";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isCurrent, openCluster, ours, type TestCluster } from "./cluster.ts";
import { fresh } from "./defects-world.ts";
import { type RunningOperator, startOperator } from "./operator.ts";
import { configMapFile, manifest } from "./packages.ts";
import { openRegistry, type TestRegistry } from "./registry.ts";

/** Packages that are too big, and packages that lose what they were made into, on any cluster. */
export function packageDefects(kubeconfig: () => string): void {
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
    const argv = [`-service-account-namespace=${namespace}`, "-service-account-name=puller"];
    operator = startOperator({ kubeconfig: kubeconfig(), argv });
  });

  afterAll(async () => {
    await cluster?.close();
    expect(await operator?.stop()).toBe(0);
    await registry?.close();
  });

  const pkg = (name: string, image: string): KubeObject => ({
    ...ours("Package", name),
    metadata: { name, namespace },
    spec: { image },
  });
  const available = (name: string) =>
    cluster.until(
      ours("Package", name, namespace),
      "available",
      (object) => isCurrent(object, "Available", "True") && isCurrent(object, "Progressing", "False"),
    );
  const small = (name: string) =>
    registry.push(`${name}:v1`, {
      "manifest.yaml": manifest({ name }),
      "a.yaml": configMapFile(name, { value: "there" }),
    });
  const configMapOf = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", name, namespace });

  test("phases that only together are too big for one object are sliced", async () => {
    const name = fresh("big");
    const value = "x".repeat(350 * 1024);
    const phases = ["first", "second"];
    const files = phases.flatMap((phase) =>
      [0, 1].map((index): [string, string] => [
        `${phase}-${index}.yaml`,
        configMapFile(`${name}-${phase}-${index}`, { phase, value }),
      ]),
    );
    const image = await registry.push(`${name}:v1`, {
      "manifest.yaml": manifest({ name, phases }),
      ...Object.fromEntries(files),
    });
    await cluster.create(pkg(name, image));
    await available(name);
    const slices = async () => {
      const labelSelector = `slices.package-operator.run/owner=${name}`;
      return (await cluster.client.list(ours("ObjectSlice", ""), { namespace, labelSelector })).items;
    };
    expect((await slices()).length).toBeGreaterThan(0);
    const live = await cluster.client.get(configMapOf(`${name}-second-1`));
    expect(live["data"]).toEqual({ value });
    const ref = ours("Package", name, namespace);
    await cluster.client.delete(ref, { propagation: "Foreground" });
    await cluster.untilGone(ref);
    expect(await slices()).toEqual([]);
    expect(await cluster.client.find(configMapOf(`${name}-first-0`))).toBeUndefined();
  });

  test("a package makes its deployment again when somebody deleted it", async () => {
    const name = fresh("lost");
    await cluster.create(pkg(name, await small(name)));
    await available(name);
    const ref = ours("ObjectDeployment", name, namespace);
    const { uid } = (await cluster.client.get(ref)).metadata;
    await cluster.client.delete(ref, { propagation: "Background" });
    const again = await cluster.until(ref, "made again", ({ metadata }) => metadata.uid !== uid);
    const owner = await available(name);
    expect(again.metadata.ownerReferences).toMatchObject([{ uid: owner.metadata.uid, controller: true }]);
  });

  test("a package that follows another of its name is rolled out", async () => {
    const name = fresh("again");
    const image = await small(name);
    await cluster.create(pkg(name, image));
    await available(name);
    const before = await cluster.client.get(configMapOf(name));
    await cluster.client.delete(ours("Package", name, namespace), { propagation: "Background" });
    await cluster.untilGone(ours("Package", name, namespace));
    await cluster.create(pkg(name, image));
    // The garbage collector may take the old deployment away at any time from now on.
    await cluster.until(
      configMapOf(name),
      "another one",
      ({ metadata }) => metadata.uid !== before.metadata.uid && metadata.deletionTimestamp === undefined,
    );
    const owner = await available(name);
    const deployment = await cluster.client.get(ours("ObjectDeployment", name, namespace));
    expect(deployment.metadata.ownerReferences).toMatchObject([{ uid: owner.metadata.uid }]);
  });
}
