import { createInformer, type KubeObject } from "@package-operator/kube";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { isCurrent, isRolledOut, openCluster, ours, type TestCluster } from "./cluster.ts";
import { fresh } from "./defects-world.ts";
import { type RunningOperator, startOperator } from "./operator.ts";
import { configMapFile, manifest } from "./packages.ts";
import { createPuller } from "./puller.ts";
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
    const puller = await createPuller(cluster);
    namespace = puller.namespace;
    operator = startOperator({ kubeconfig: kubeconfig(), argv: puller.flags });
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
    // The garbage collector may let go of a slice, which two own, before it deletes it.
    await vi.waitFor(async () => expect(await slices()).toEqual([]), { timeout: 60_000, interval: 200 });
    await cluster.untilGone(configMapOf(`${name}-first-0`));
  });

  test("a package makes its deployment again when somebody deleted it", async () => {
    const name = fresh("lost");
    await cluster.create(pkg(name, await small(name)));
    await available(name);
    const ref = ours("ObjectDeployment", name, namespace);
    const { uid } = (await cluster.client.get(ref)).metadata;
    await cluster.client.delete(ref, { propagation: "Background" });
    const again = await cluster.until(ref, "made again", ({ metadata }) => metadata.uid !== uid);
    await cluster.until(
      ref,
      "available",
      (object) => object.metadata.uid === again.metadata.uid && isCurrent(object, "Available", "True"),
    );
    const owner = await available(name);
    expect(again.metadata.ownerReferences).toMatchObject([{ uid: owner.metadata.uid, controller: true }]);
  });

  test("a package that follows another of its name is rolled out", async () => {
    const name = fresh("again");
    const image = await small(name);
    await cluster.create(pkg(name, image));
    await available(name);
    await cluster.client.delete(ours("Package", name, namespace), { propagation: "Background" });
    await cluster.untilGone(ours("Package", name, namespace));
    await cluster.create(pkg(name, image));
    const { metadata } = await cluster.client.get(ours("Package", name, namespace));
    // The old deployment is taken over, unless the garbage collector was faster.
    await cluster.until(
      ours("ObjectDeployment", name, namespace),
      "owned by the new package",
      (object) => object.metadata.ownerReferences?.[0]?.uid === metadata.uid,
    );
    await available(name);
    await cluster.until(
      configMapOf(name),
      "there",
      (object) => object.metadata.deletionTimestamp === undefined,
    );
  });

  test("what is deleted does not come back for a moment", async () => {
    const names = Array.from({ length: 20 }, () => fresh("final"));
    const image = await registry.push(`${names[0]}:v1`, {
      "manifest.yaml": manifest({ name: "final" }),
      "a.yaml.gotmpl": configMapFile("{{ .package.metadata.name }}", { value: "there" }),
    });
    const kinds = ["ObjectDeployment", "ObjectSet"].map((kind) => ours(kind, ""));
    const made: string[] = [];
    const informers = kinds.map((kind) => createInformer(cluster.client, kind, { namespace }));
    for (const informer of informers) {
      informer.onEvent(({ type, object }) => {
        const { name = "" } = object.metadata;
        if (type === "add" && name.startsWith("final-")) made.push(`${informer.kind.kind} ${name}`);
      });
    }
    await Promise.all(informers.map(({ synced }) => synced));
    await cluster.create(...names.map((name) => pkg(name, image)));
    await Promise.all(names.map((name) => available(name)));
    // Every watch tells at its own time.
    await vi.waitUntil(() => made.length >= 2 * names.length, { timeout: 60_000 });
    const before = made.toSorted();
    for (const name of names) {
      await cluster.client.delete(ours("Package", name, namespace), { propagation: "Background" });
    }
    const isLeft = () => informers.some(({ store }) => store.list().some(isFinal));
    const isFinal = ({ metadata }: KubeObject) => metadata.name?.startsWith("final-") ?? false;
    await vi.waitUntil(() => !isLeft(), { timeout: 60_000 });
    await Promise.all(informers.map((informer) => informer.close()));
    expect(made.toSorted()).toEqual(before);
  });

  test("a CRD and an object of it are installed, changed and removed together", async () => {
    const name = fresh("defining");
    const crd = { ...crdKind, name: `things.${name}.example.com` };
    const thing = { apiVersion: `${name}.example.com/v1`, kind: "Thing", name: "thing", namespace };
    const push = (tag: string, field: string) =>
      registry.push(`${name}:${tag}`, {
        "manifest.yaml": manifest({ name, phases: ["crds", "deploy"], probes: establishedProbe }),
        "crd.yaml": crdFile(name, field),
        "thing.yaml": `apiVersion: ${thing.apiVersion}
kind: Thing
metadata: {name: thing, namespace: ${namespace}, annotations: {package-operator.run/phase: deploy}}
spec: {${field}: there}
`,
      });
    const ref = ours("ClusterPackage", name);
    const at = (revision: number) =>
      cluster.until(ref, `at revision ${revision}`, (object) => isRolledOut(object, revision));
    await cluster.create({ ...ref, metadata: { name }, spec: { image: await push("v1", "color") } });
    await at(1);
    const first = await cluster.client.get(thing);
    expect(first["spec"]).toEqual({ color: "there" });
    // The new field is refused, or dropped, by the schema of the old definition.
    const body = { spec: { image: await push("v2", "shape") } };
    await cluster.client.patch(ref, { type: "merge", body });
    await at(2);
    const second = await cluster.client.get(thing);
    expect(second["spec"]).toEqual({ shape: "there" });
    expect(second.metadata.uid).toBe(first.metadata.uid);
    const held = { metadata: { finalizers: ["scenario.example.com/hold"] } };
    await cluster.client.patch(thing, { type: "merge", body: held });
    // In the foreground the garbage collector would not ask for the order of phases.
    await cluster.client.delete(ref, { propagation: "Background" });
    await cluster.until(thing, "going", ({ metadata }) => metadata.deletionTimestamp !== undefined);
    expect((await cluster.client.get(crd)).metadata.deletionTimestamp).toBeUndefined();
    await cluster.client.patch(thing, { type: "merge", body: { metadata: { finalizers: null } } });
    await cluster.untilGone(crd);
    await cluster.untilGone(ref);
  });
}

const crdKind = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };

const establishedProbe =
  "[{selector: {kind: {group: apiextensions.k8s.io, kind: CustomResourceDefinition}}, probes: [{condition: {type: Established, status: 'True'}}]}]";

/** A definition whose objects have one field. */
function crdFile(group: string, field: string): string {
  return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.${group}.example.com
  annotations: {package-operator.run/phase: crds}
spec:
  group: ${group}.example.com
  scope: Namespaced
  names: {plural: things, singular: thing, kind: Thing, listKind: ThingList}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: {spec: {type: object, required: [${field}], properties: {${field}: {type: string}}}}
`;
}
