import path from "node:path";
import { createKubeClient, isNotFound, type KubeClient, loadKubeConfig, refOf } from "@package-operator/kube";
import { createRegistryClient, createRegistryServer, memoryStorage, writeImage } from "@package-operator/oci";
import { buildPackageImage } from "@package-operator/packaging";
import { assemblePackage } from "@package-operator/release";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { conditionOf, isCurrent, ours } from "./cluster.ts";
import { startInstantPods } from "./instant-pods.ts";
import { type RunningOperator, startOperator } from "./operator.ts";

const namespace = "package-operator-system";
const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const source = "quay.io/package-operator";

/** The self-bootstrap from a mirror, on a cluster that has no operator yet. */
export function bootstrapScenarios(kubeconfig: () => string): void {
  let client: KubeClient;
  let registry: { address: string; close: () => Promise<void> };
  let pods: { close(): Promise<void> };
  const pulled: string[] = [];

  beforeAll(async () => {
    client = createKubeClient(await loadKubeConfig({ kubeconfig: kubeconfig(), env: {} }));
    await removeOperator(client);
    const server = createRegistryServer({
      storage: memoryStorage(),
      onRequest: ({ method, path: url }) => method === "GET" && pulled.push(url),
    });
    registry = { address: (await server.listen()).address, close: () => server.close() };
    for (const tag of ["v1", "v2"]) await pushOperatorPackage(registry.address, tag);
    await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    const account = {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "package-operator", namespace },
    };
    await client.create(account);
    pods = startInstantPods(client, namespace);
  });

  afterAll(async () => {
    await removeOperator(client);
    await pods?.close();
    await registry?.close();
    await client?.close();
  });

  const bootstrap = (tag: string, env: Record<string, string> = {}) =>
    startOperator({
      kubeconfig: kubeconfig(),
      argv: [
        `-self-bootstrap=${source}/package-operator-package:${tag}`,
        `-namespace=${namespace}`,
        "-log-level=1",
        "-enable-leader-election=true",
      ],
      env: {
        PKO_SERVICE_ACCOUNT_NAMESPACE: namespace,
        PKO_SERVICE_ACCOUNT_NAME: "package-operator",
        ...env,
      },
    });
  const override = () => `${source}/=${registry.address}/mirror/`;
  const managerImage = async () => {
    const deployment = await client.get<ManagerDeployment>({
      apiVersion: "apps/v1",
      kind: "Deployment",
      name: "package-operator-manager",
      namespace,
    });
    return deployment.spec.template.spec.containers[0]!;
  };

  describe("the self-bootstrap", () => {
    test("installs the operator from the mirror in one go", async () => {
      const run = bootstrap("v1", { PKO_IMAGE_PREFIX_OVERRIDES: override() });
      await expectSuccess(run);
      expect(run.log.join("\n")).toContain("Package Operator bootstrapped successfully!");
      const pkg = await client.get(ours("ClusterPackage", "package-operator"));
      expect(isCurrent(pkg, "Available", "True")).toBe(true);
      expect(pkg["spec"]).toEqual({
        image: `${source}/package-operator-package:v1`,
        config: { imagePrefixOverrides: override() },
      });
      const { image, env } = await managerImage();
      expect(image).toBe(`${registry.address}/mirror/package-operator-manager@${digest}`);
      expect(env).toContainEqual({ name: "PKO_IMAGE_PREFIX_OVERRIDES", value: override() });
      expect(pulled.some((url) => url.includes("/mirror/package-operator-package/"))).toBe(true);
      const lease = await client.get({
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        name: "8a4hp84a6s.package-operator-lock",
        namespace,
      });
      expect(lease["spec"]).toMatchObject({ leaseDurationSeconds: 1 });
    });

    test("does nothing the second time", async () => {
      const before = await client.get(ours("ClusterPackage", "package-operator"));
      const run = bootstrap("v1", { PKO_IMAGE_PREFIX_OVERRIDES: override() });
      await expectSuccess(run);
      expect(run.log.join("\n")).toContain("PackageOperator is available");
      const after = await client.get(ours("ClusterPackage", "package-operator"));
      expect(after.metadata.generation).toBe(before.metadata.generation);
    });

    test("updates to another image and keeps the override it was installed with", async () => {
      const run = bootstrap("v2");
      await expectSuccess(run);
      expect(run.log.join("\n")).toContain("keeping the image prefix overrides");
      const pkg = await client.get(ours("ClusterPackage", "package-operator"));
      expect(pkg["spec"]).toMatchObject({
        image: `${source}/package-operator-package:v2`,
        config: { imagePrefixOverrides: override() },
      });
      expect((await managerImage()).image).toBe(
        `${registry.address}/mirror/package-operator-manager@${digest}`,
      );
      const { items } = await client.list(ours("ClusterObjectSet", ""));
      expect(items.filter((set) => conditionOf(set, "Available") === "True")).toHaveLength(1);
    });

    test("names the image it cannot pull", async () => {
      const run = bootstrap("v3");
      expect(await run.ended).toBe(2);
      expect(run.log.join("\n")).toContain(
        `pulling package image ${registry.address}/mirror/package-operator-package:v3 (in place of ${source}/package-operator-package:v3)`,
      );
    });
  });
}

/** Shows the log of a run that failed. */
async function expectSuccess(run: RunningOperator): Promise<void> {
  const code = await run.ended;
  expect({ code, log: code === 0 ? [] : run.log }).toEqual({ code: 0, log: [] });
}

interface ManagerDeployment {
  apiVersion: string;
  kind: string;
  metadata: Record<string, never>;
  spec: { template: { spec: { containers: { image: string; env: { name: string; value?: string }[] }[] } } };
}

async function pushOperatorPackage(address: string, tag: string): Promise<void> {
  const raw = await assemblePackage({
    configDir: path.resolve(import.meta.dirname, "../../config"),
    registryPrefix: source,
    tag,
    created: "2024-01-01T00:00:00Z",
    digests: { "package-operator-manager": digest, "remote-phase-manager": digest },
  });
  const registry = createRegistryClient({ insecureHosts: ["*"] });
  try {
    const target = registry.repository(address, "mirror/package-operator-package");
    await writeImage(target, await buildPackageImage(raw), { tags: [tag] });
  } finally {
    await registry.close();
  }
}

/** Takes away what a bootstrap made, without the help of an operator; the CRDs stay. */
async function removeOperator(client: KubeClient): Promise<void> {
  const labelSelector = "package-operator.run/package=package-operator";
  for (const kind of ["ClusterPackage", "ClusterObjectDeployment", "ClusterObjectSet"].map((name) =>
    ours(name, ""),
  )) {
    if (!(await client.discovery.serves(kind))) continue;
    const { items } = await client.list(kind, kind.kind === "ClusterPackage" ? {} : { labelSelector });
    for (const object of items.filter(({ metadata }) => metadata.name?.startsWith("package-operator"))) {
      await client.patch(refOf(object), { type: "merge", body: { metadata: { finalizers: null } } });
      await ignoreMissing(client.delete(refOf(object), { propagation: "Orphan" }));
      await client
        .patch(refOf(object), { type: "merge", body: { metadata: { finalizers: null } } })
        .catch(() => undefined);
    }
  }
  const rbac = "rbac.authorization.k8s.io/v1";
  const clusterScoped = [
    { apiVersion: rbac, kind: "ClusterRoleBinding", name: "package-operator" },
    { apiVersion: rbac, kind: "ClusterRole", name: "package-operator-remote-phase-manager" },
    { apiVersion: "v1", kind: "Namespace", name: namespace },
  ];
  for (const ref of clusterScoped) await ignoreMissing(client.delete(ref));
  while (await client.find({ apiVersion: "v1", kind: "Namespace", name: namespace })) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function ignoreMissing(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
}
