import path from "node:path";
import { readFile } from "node:fs/promises";
import { createRegistryClient, writeImage } from "@package-operator/oci";
import { buildPackageImage } from "@package-operator/packaging";
import { assemblePackage } from "@package-operator/release";
import type { KubeObject } from "@package-operator/kube";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  isCurrent,
  isRolledOut,
  messageOf,
  openCluster,
  ours,
  type TestCluster,
  untilServed,
} from "./cluster.ts";
import { dataOf, fresh } from "./defects-world.ts";
import { hostedClusterCrd, hostedClusterKind } from "./hosted-cluster-crd.ts";
import { startInstantPods } from "./instant-pods.ts";
import { type RunningOperator, startOperator } from "./operator.ts";
import { configMapFile, manifest } from "./packages.ts";
import { createPuller } from "./puller.ts";
import { openRegistry, type TestRegistry } from "./registry.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const owners = "package-operator.run/owners";

/** A container of the phase manager's Deployment, as far as its start needs it. */
interface ManagerDeployment extends KubeObject {
  spec: {
    template: {
      spec: {
        containers: { args: string[]; volumeMounts: { name: string; mountPath: string }[] }[];
        volumes: { name: string; secret: { secretName: string; items: { key: string; path: string }[] } }[];
      };
    };
  };
}

/**
 * Hosted clusters with an API server of their own: what the management cluster installs for them rolls out there. The
 * scenario plays HyperShift, which has the control plane's namespace, and the kubelet, which starts the phase manager.
 */
export function hostedClusterScenarios(kubeconfig: () => string, hostedKubeconfig: () => string): void {
  let management: TestCluster;
  let hosted: TestCluster;
  let registry: TestRegistry;
  let pods: { close(): Promise<void> };
  let namespace: string;
  let place: string;
  const running: RunningOperator[] = [];
  const name = fresh("hosted");

  beforeAll(async () => {
    management = await openCluster(kubeconfig());
    hosted = await openCluster(hostedKubeconfig());
    if (!(await management.client.discovery.serves(hostedClusterKind)))
      await management.create(hostedClusterCrd);
    const ref = { ...hostedClusterCrd, name: hostedClusterCrd.metadata.name ?? "" };
    await management.until(ref, "established", (crd) =>
      JSON.stringify(crd["status"]).includes("InitialNamesAccepted"),
    );
    await untilServed(management.client, hostedClusterKind);
    registry = await openRegistry();
    const puller = await createPuller(management);
    namespace = puller.namespace;
    place = `${namespace}-${name}`;
    await management.create(
      { apiVersion: "v1", kind: "Namespace", metadata: { name: place } },
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "service-network-admin-kubeconfig", namespace: place },
        data: { kubeconfig: (await readFile(hostedKubeconfig())).toString("base64") },
      },
      { ...hostedClusterKind, metadata: { name, namespace } },
    );
    pods = startInstantPods(management.client, place);
    const image = `${registry.address}/package-operator-package:v1`;
    await pushOperatorPackage(registry.address);
    const argv = [...puller.flags, `-package-operator-package-image=${image}`];
    running.push(startOperator({ kubeconfig: kubeconfig(), argv }));
  });

  afterAll(async () => {
    await pods?.close();
    await management?.close();
    await hosted?.close();
    for (const program of running) expect(await program.stop()).toBe(0);
    await registry?.close();
  });

  /** Starts the phase manager as its Deployment says, with what its volumes hold. */
  function startPhaseManager(deployment: ManagerDeployment): RunningOperator {
    const { containers, volumes } = deployment.spec.template.spec;
    const { args, volumeMounts } = containers[0]!;
    const files = volumes.flatMap(({ name: volume, secret }) =>
      secret.items.map(({ key, path: file }) => ({
        file: path.posix.join(volumeMounts.find((mount) => mount.name === volume)!.mountPath, file),
        secret: secret.secretName,
        key,
      })),
    );
    expect(files).toEqual([
      { file: "/data/kubeconfig", secret: "service-network-admin-kubeconfig", key: "kubeconfig" },
    ]);
    const phaseManager = startOperator({
      program: "remote-phase",
      kubeconfig: kubeconfig(),
      argv: [
        ...args.map((argument) => argument.replace("=/data/kubeconfig", `=${hostedKubeconfig()}`)),
        `-namespace=${place}`,
      ],
      podNamespace: place,
    });
    running.push(phaseManager);
    return phaseManager;
  }

  const configMap = (object: string) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    name: object,
    namespace: "default",
  });

  describe("a hosted cluster", () => {
    test("that is available gets a phase manager for its API server", async () => {
      const condition = {
        type: "Available",
        status: "True",
        reason: "AsExpected",
        message: "",
        lastTransitionTime: "2024-01-01T00:00:00Z",
      };
      await management.client.patch(
        { ...hostedClusterKind, name, namespace },
        { type: "merge", body: { status: { conditions: [condition] } } },
        { subresource: "status" },
      );
      await management.until(ours("Package", "remote-phase", place), "available", (object) =>
        isCurrent(object, "Available", "True"),
      );
      const deployment = await management.client.get<ManagerDeployment>({
        apiVersion: "apps/v1",
        kind: "Deployment",
        name: "package-operator-remote-phase-manager",
        namespace: place,
      });
      const phaseManager = startPhaseManager(deployment);
      const lease = {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        name: "klsdfu452p3.package-operator-lock",
        namespace: place,
      };
      await management.until(lease, "held", () => true);
      expect(await Promise.race([phaseManager.ended, Promise.resolve("running")])).toBe("running");
    });

    test("gets the objects of its packages, changed and removed with them", async () => {
      const objects = { here: fresh("here"), there: fresh("there"), dropped: fresh("dropped") };
      const phases = ["before", { name: "far", class: "hosted-cluster" }, "after"];
      const push = (tag: string, files: Record<string, string>) =>
        registry.push(`app:${tag}`, { "manifest.yaml": manifest({ name: "app", phases }), ...files });
      const far = { phase: "far", namespace: "default" };
      const own = { "a.yaml.gotmpl": configMapFile(objects.here, { phase: "after" }) };
      const remote = { "b.yaml.gotmpl": configMapFile(objects.there, far) };
      const first = await push("v1", {
        ...own,
        ...remote,
        "c.yaml.gotmpl": configMapFile(objects.dropped, far),
      });
      const second = await push("v2", { ...own, ...remote });
      const hcp = fresh("hcp");
      const ref = ours("HostedClusterPackage", hcp);
      await management.create({
        ...ref,
        metadata: { name: hcp },
        spec: {
          strategy: { instant: {} },
          hostedClusterSelector: {},
          template: { spec: { image: first, config: { value: "one" } } },
        },
      });
      const pkg = ours("Package", hcp, place);
      const at = (revision: number) =>
        management.until(pkg, `at revision ${revision}`, (object) => isRolledOut(object, revision));
      await at(1);
      const before = await hosted.client.get(configMap(objects.there));
      expect(dataOf(before)).toEqual({ value: "one" });
      expect(before.metadata.ownerReferences).toBeUndefined();
      expect(JSON.parse(before.metadata.annotations?.[owners] ?? "")).toMatchObject([
        { kind: "ObjectSetPhase", namespace: place, controller: true },
      ]);
      const here = { ...configMap(objects.here), namespace: place };
      expect(dataOf(await management.client.get(here))).toEqual({ value: "one" });
      if (kubeconfig() !== hostedKubeconfig()) {
        // Each cluster has its own objects and no other.
        expect(await management.client.find(configMap(objects.there))).toBeUndefined();
        expect(await hosted.client.discovery.serves(hostedClusterKind)).toBe(false);
      }
      const spec = { template: { spec: { image: second, config: { value: "two" } } } };
      await management.client.patch(ref, { type: "merge", body: { spec } });
      await at(2);
      const after = await hosted.client.get(configMap(objects.there));
      expect([after.metadata.uid, dataOf(after)]).toEqual([before.metadata.uid, { value: "two" }]);
      await hosted.untilGone(configMap(objects.dropped));
      // Somebody on the hosted cluster meddles.
      await hosted.client.delete(configMap(objects.there));
      await hosted.until(configMap(objects.there), "back", (object) => dataOf(object)["value"] === "two");
      await management.until(
        ref,
        "available",
        (object) =>
          isCurrent(object, "Available", "True") &&
          messageOf(object, "Available") === "1/1 packages available.",
      );
      await management.client.delete(ref, { propagation: "Foreground" });
      await management.untilGone(ref);
      await hosted.untilGone(configMap(objects.there));
      await management.untilGone(here);
    });
  });
}

async function pushOperatorPackage(address: string): Promise<void> {
  const raw = await assemblePackage({
    configDir: path.resolve(import.meta.dirname, "../../config"),
    registryPrefix: "quay.io/package-operator",
    tag: "v1",
    created: "2024-01-01T00:00:00Z",
    digests: { "package-operator-manager": digest, "remote-phase-manager": digest },
  });
  const client = createRegistryClient({ insecureHosts: ["*"] });
  try {
    const target = client.repository(address, "package-operator-package");
    await writeImage(target, await buildPackageImage(raw), { tags: ["v1"] });
  } finally {
    await client.close();
  }
}
