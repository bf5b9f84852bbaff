import type { KubeObject, ObjectRef } from "@package-operator/kube";
import type { JsonObject } from "@package-operator/kube-yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  conditionOf,
  findCondition,
  isCurrent,
  isRolledOut,
  messageOf,
  openCluster,
  ours,
  type TestCluster,
} from "./cluster.ts";
import { fresh } from "./defects-world.ts";
import { type RunningOperator, startOperator } from "./operator.ts";
import { configMapFile, manifest } from "./packages.ts";
import { createPuller, type Puller } from "./puller.ts";
import { openRegistry, type TestRegistry } from "./registry.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

/** What the package controllers do, on any cluster. */
export function packageScenarios(kubeconfig: () => string): void {
  let cluster: TestCluster;
  let registry: TestRegistry;
  let operator: RunningOperator;
  let puller: Puller;
  let namespace: string;

  beforeAll(async () => {
    cluster = await openCluster(kubeconfig());
    registry = await openRegistry();
    puller = await createPuller(cluster);
    namespace = puller.namespace;
    operator = start();
  });

  afterAll(async () => {
    await cluster?.close();
    expect(await operator?.stop()).toBe(0);
    await registry?.close();
  });

  /** Starts the operator with the override of the scenarios and these beside it. */
  const start = (...overrides: string[]): RunningOperator =>
    startOperator({
      kubeconfig: kubeconfig(),
      argv: [
        ...puller.flags,
        `-image-prefix-overrides=${[`quay.io/scenario/=${registry.address}/mirror/`, ...overrides].join(",")}`,
      ],
    });
  const clusterPackage = (name: string, spec: JsonObject): KubeObject => ({
    ...ours("ClusterPackage", name),
    metadata: { name },
    spec: spec,
  });
  const install = async (name: string, spec: JsonObject): Promise<ObjectRef> => {
    await cluster.create(clusterPackage(name, spec));
    return ours("ClusterPackage", name);
  };
  const available = (ref: ObjectRef) =>
    cluster.until(ref, "available", (object) => isCurrent(object, "Available", "True"));
  const rolledOut = (ref: ObjectRef, revision: number) =>
    cluster.until(ref, `at revision ${revision}`, (object) => isRolledOut(object, revision));
  const change = (ref: ObjectRef, spec: JsonObject) =>
    cluster.client.patch(ref, { type: "merge", body: { spec } });
  const configMapOf = (name: string) =>
    cluster.client.get({ apiVersion: "v1", kind: "ConfigMap", name, namespace });
  const simplePackage = (name: string, tag = "v1") =>
    registry.push(`${name}:${tag}`, {
      "manifest.yaml": manifest({ name }),
      "a.yaml.gotmpl": configMapFile(name, { namespace }),
    });

  describe("a ClusterPackage", () => {
    test("is pulled, rolled out and becomes available", async () => {
      const name = fresh("demo");
      const ref = await install(name, { image: await simplePackage(name), config: { value: "two" } });
      const object = await available(ref);
      expect(conditionOf(object, "Unpacked")).toBe("True");
      expect(conditionOf(object, "Progressing")).toBe("False");
      const live = await configMapOf(name);
      expect(live["data"]).toEqual({ value: "two" });
      expect(live.metadata.labels).toMatchObject({
        "package-operator.run/cache": "True",
        "package-operator.run/package": name,
        "package-operator.run/instance": name,
      });
      const deployment = await cluster.client.get(ours("ClusterObjectDeployment", name));
      expect(deployment.metadata.annotations).toMatchObject({
        "package-operator.run/package-config": '{"value":"two"}',
        "kubernetes.io/change-cause": `Installing ${name} package.`,
      });
    });

    test("makes a new revision for another configuration", async () => {
      const name = fresh("change");
      const ref = await install(name, { image: await simplePackage(name) });
      expect((await available(ref))["status"]).toMatchObject({ revision: 1 });
      await change(ref, { config: { value: "two" } });
      await rolledOut(ref, 2);
      expect((await configMapOf(name))["data"]).toEqual({ value: "two" });
      const deployment = await cluster.client.get(ours("ClusterObjectDeployment", name));
      expect(deployment.metadata.annotations?.["kubernetes.io/change-cause"]).toBe("Package config changed.");
    });

    test("says that its image cannot be pulled, waits, and tries another one at once", async () => {
      const name = fresh("pull");
      const image = await simplePackage(name);
      const ref = await install(name, { image: `${registry.address}/${name}:missing` });
      const failing = await cluster.until(ref, "failing", (object) => isCurrent(object, "Unpacked", "False"));
      const { conditions } = failing["status"] as unknown as {
        conditions: { type: string; reason: string }[];
      };
      expect(conditions[0]).toMatchObject({ type: "Unpacked", reason: "ImagePullBackOff" });
      expect(messageOf(failing, "Unpacked")).toContain(
        `pulling package image ${registry.address}/${name}:missing: `,
      );
      await cluster.client.patch(ref, { type: "merge", body: { metadata: { labels: { some: "event" } } } });
      await change(ref, { image });
      await available(ref);
      expect(registry.requests.filter((path) => path.endsWith(`/${name}/manifests/missing`))).toHaveLength(1);
    });

    test("is pulled from the mirror, and its images are the mirror's", async () => {
      const name = fresh("mirror");
      await registry.push(`mirror/${name}:v1`, {
        "manifest.yaml": manifest({ name, images: { app: "quay.io/scenario/app:v1" } }),
        "manifest.lock.yaml": lockFile("quay.io/scenario/app:v1"),
        "a.yaml.gotmpl": configMapFile(name, {
          namespace,
          value: "{{ .images.app }} {{ .package.image }}",
        }),
      });
      const image = `quay.io/scenario/${name}:v1`;
      const ref = await install(name, { image });
      const object = await available(ref);
      expect((object["spec"] as { image: string }).image).toBe(image);
      expect((object["status"] as { unpackedHash: string }).unpackedHash).toHaveLength(128);
      expect((await configMapOf(name))["data"]).toEqual({
        value: `${registry.address}/mirror/app@${digest} ${image}`,
      });
      const deployment = await cluster.client.get(ours("ClusterObjectDeployment", name));
      expect(deployment.metadata.annotations?.["package-operator.run/package-source-image"]).toBe(
        `${registry.address}/mirror/${name}:v1`,
      );
    });

    test("shows what is wrong with it, and recovers", async () => {
      const name = fresh("invalid");
      const ref = await install(name, { image: await simplePackage(name), config: { value: 1 } });
      const invalid = await cluster.until(ref, "invalid", (object) => isCurrent(object, "Invalid", "True"));
      expect(findCondition(invalid, "Invalid")).toMatchObject({ reason: "LoadError" });
      expect(messageOf(invalid, "Invalid")).toContain("spec.config.value");
      expect((invalid["status"] as { unpackedHash?: string }).unpackedHash).toBeUndefined();
      await change(ref, { config: { value: "fine" } });
      expect(conditionOf(await available(ref), "Invalid")).toBeUndefined();
    });

    test("counts as unpacked when its image is no package", async () => {
      const name = fresh("broken");
      const ref = await install(name, { image: await registry.push(`${name}:v1`, { "some.txt": "text" }) });
      const invalid = await cluster.until(ref, "invalid", (object) => isCurrent(object, "Invalid", "True"));
      expect(findCondition(invalid, "Invalid")).toMatchObject({ reason: "LoadError" });
      expect(conditionOf(invalid, "Unpacked")).toBe("True");
    });

    test("is not deployed where its constraints are not met", async () => {
      const name = fresh("constraint");
      const image = await registry.push(`${name}:v1`, {
        "manifest.yaml": manifest({
          name,
          extra:
            "  constraints: [{platform: [OpenShift]}, {platformVersion: {name: Kubernetes, range: '>=99.0.0'}}]\n",
        }),
        "a.yaml.gotmpl": configMapFile(name, { namespace }),
      });
      const ref = await install(name, { image });
      const refused = await cluster.until(ref, "refused", (object) => isCurrent(object, "Invalid", "True"));
      expect(findCondition(refused, "Invalid")).toMatchObject({ reason: "ConstraintsFailed" });
      expect(messageOf(refused, "Invalid")).toMatch(
        /^Constraints not met: OpenShift platform, Kubernetes v?\S+ does not meet constraint >=99\.0\.0$/,
      );
      expect(await cluster.client.find(ours("ClusterObjectDeployment", name))).toBeUndefined();
    });

    test("is deployed once where its author wants no more", async () => {
      const name = fresh("unique");
      const image = await registry.push(`${name}:v1`, {
        "manifest.yaml": manifest({ name, extra: "  constraints: [{uniqueInScope: {}}]\n" }),
        "a.yaml.gotmpl": configMapFile("{{ .package.metadata.name }}", { namespace }),
      });
      await available(await install(name, { image }));
      const second = await install(`${name}-again`, { image });
      const refused = await cluster.until(second, "refused", (object) =>
        isCurrent(object, "Invalid", "True"),
      );
      expect(messageOf(refused, "Invalid")).toBe(
        "Constraints not met: package has unique constraint set but another package in the same namespace uses the same manifest",
      );
    });

    test("does nothing while it is paused, from the beginning", async () => {
      const name = fresh("paused");
      const ref = await install(name, { image: await simplePackage(name), paused: true });
      await cluster.until(ref, "paused", (object) => isCurrent(object, "Paused", "True"));
      expect(await cluster.client.find(ours("ClusterObjectDeployment", name))).toBeUndefined();
      await change(ref, { paused: false });
      expect(conditionOf(await available(ref), "Paused")).toBeUndefined();
      await change(ref, { paused: true });
      const paused = await cluster.until(ref, "paused", (object) => isCurrent(object, "Paused", "True"));
      expect(messageOf(paused, "Paused")).toBe("Latest revision is paused: Lifecycle state set to paused.");
    });

    test("stores its objects in slices and knows them again", async () => {
      const name = fresh("sliced");
      const image = await registry.push(`${name}:v1`, {
        "manifest.yaml": manifest({ name }),
        "a.yaml.gotmpl": configMapFile(`${name}-a`, { namespace, value: "a" }),
        "b.yaml.gotmpl": configMapFile(`${name}-b`, { namespace, value: "{{.config.value}}" }),
      });
      await cluster.create({
        ...ours("ClusterPackage", name),
        metadata: { name, annotations: { "packages.package-operator.run/chunking-strategy": "EachObject" } },
        spec: { image },
      });
      const ref = ours("ClusterPackage", name);
      await available(ref);
      const slices = () =>
        cluster.client.list(ours("ClusterObjectSlice", ""), {
          labelSelector: `slices.package-operator.run/owner=${name}`,
        });
      const before = (await slices()).items.map(({ metadata }) => metadata.name);
      expect(before).toHaveLength(2);
      await change(ref, { config: { value: "two" } });
      await rolledOut(ref, 2);
      const after = (await slices()).items.map(({ metadata }) => metadata.name);
      // The unchanged object's slice is used again; the old one of the other stays for the archived revision.
      expect(after).toHaveLength(3);
      expect(after).toEqual(expect.arrayContaining(before));
      await cluster.client.delete(ref, { propagation: "Foreground" });
      await cluster.untilGone(ref);
      await cluster.untilGone({ apiVersion: "v1", kind: "ConfigMap", name: `${name}-a`, namespace });
    });

    test("shows conditions of its objects that its author mapped", async () => {
      const name = fresh("mapped");
      const crd = `things.${name}.example.com`;
      const image = await registry.push(`${name}:v1`, {
        "manifest.yaml": manifest({ name, phases: ["crds", "deploy"], probes: establishedProbe }),
        "crd.yaml": thingCrd(name, crd),
        "thing.yaml": `apiVersion: ${name}.example.com/v1
kind: Thing
metadata:
  name: thing
  namespace: ${namespace}
  annotations:
    package-operator.run/phase: deploy
    package-operator.run/condition-map: |
      Ready => my.example.com/Ready
`,
      });
      const ref = await install(name, { image });
      await available(ref);
      const thing = { apiVersion: `${name}.example.com/v1`, kind: "Thing", name: "thing", namespace };
      const condition = {
        type: "Ready",
        status: "True",
        reason: "Fine",
        message: "all well",
        lastTransitionTime: "2024-01-01T00:00:00Z",
      };
      await cluster.client.patch(
        thing,
        { type: "merge", body: { status: { conditions: [condition] } } },
        { subresource: "status" },
      );
      const shown = await cluster.until(
        ref,
        "showing the condition",
        (object) => conditionOf(object, "my.example.com/Ready") === "True",
      );
      expect(findCondition(shown, "my.example.com/Ready")).toMatchObject({
        reason: "Fine",
        message: "all well",
      });
    });
  });

  test("only packages with a reference that other overrides resolve differently are unpacked again", async () => {
    const installOne = async (prefix: string) => {
      const name = fresh(prefix);
      const app = `quay.io/${prefix}/app:v1`;
      const image = await registry.push(`${name}:v1`, {
        "manifest.yaml": manifest({ name, images: { app } }),
        "manifest.lock.yaml": lockFile(app),
        "a.yaml.gotmpl": configMapFile(name, { namespace, value: "{{ .images.app }}" }),
      });
      const ref = await install(name, { image });
      await available(ref);
      return { name, ref };
    };
    const statusOf = async (ref: ObjectRef) =>
      (await cluster.client.get(ref))["status"] as { unpackedHash: string; revision: number };
    const pullsOf = (name: string) => registry.requests.filter((path) => path.includes(`/${name}/`)).length;
    const restart = async (...overrides: string[]) => {
      const before = await Promise.all([kept, moved].map(async ({ ref }) => statusOf(ref)));
      expect(await operator.stop()).toBe(0);
      operator = start(...overrides);
      await Promise.all(
        [kept, moved].map(({ ref }, index) =>
          cluster.until(ref, "unpacked under the new overrides", (object) => {
            const { unpackedHash } = object["status"] as { unpackedHash: string };
            return unpackedHash !== before[index]?.unpackedHash && isCurrent(object, "Available", "True");
          }),
        ),
      );
    };
    const kept = await installOne("kept");
    const moved = await installOne("moved");
    await restart("quay.io/moved/=mirror.example/moved/");
    await rolledOut(moved.ref, 2);
    expect((await configMapOf(moved.name))["data"]).toEqual({ value: `mirror.example/moved/app@${digest}` });
    expect([pullsOf(kept.name), pullsOf(moved.name)]).toEqual([1, 2]);
    await restart("quay.io/moved/=mirror.example/moved/", "quay.io/nobody/=mirror.example/nobody/");
    expect([pullsOf(kept.name), pullsOf(moved.name)]).toEqual([1, 2]);
    expect((await statusOf(kept.ref)).revision).toBe(1);
    expect((await statusOf(moved.ref)).revision).toBe(2);
  });

  test("a Package installs a component into its namespace", async () => {
    const name = fresh("component");
    const image = await registry.push(`${name}:v1`, {
      "manifest.yaml": manifest({ name, extra: "  components: {}\n" }),
      "root.yaml": configMapFile(`${name}-root`, { value: "root" }),
      "components/part/manifest.yaml": manifest({ name: "part" }),
      "components/part/a.yaml": configMapFile(`${name}-part`, { value: "part" }),
    });
    await cluster.create({
      ...ours("Package", name),
      metadata: { name, namespace },
      spec: { image, component: "part" },
    });
    await available(ours("Package", name, namespace));
    const live = await configMapOf(`${name}-part`);
    expect(live.metadata.labels).toMatchObject({ "package-operator.run/package": "part" });
    expect(
      await cluster.client.find({ apiVersion: "v1", kind: "ConfigMap", name: `${name}-root`, namespace }),
    ).toBeUndefined();
  });
}

const lockFile = (image: string): string => `apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifestLock
metadata: {creationTimestamp: "2024-01-01T00:00:00Z"}
spec: {images: [{name: app, image: "${image}", digest: "${digest}"}]}
`;

const establishedProbe =
  "[{selector: {kind: {group: apiextensions.k8s.io, kind: CustomResourceDefinition}}, probes: [{condition: {type: Established, status: 'True'}}]}]";

function thingCrd(group: string, name: string): string {
  return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ${name}
  annotations: {package-operator.run/phase: crds}
spec:
  group: ${group}.example.com
  scope: Namespaced
  names: {plural: things, singular: thing, kind: Thing, listKind: ThingList}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}}
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;
}
