import path from "node:path";
import {
  createKubeClient,
  isNotFound,
  type KubeClient,
  loadKubeConfig,
  refOf,
  waitFor,
} from "@package-operator/kube";
import { createRegistryClient, writeImage } from "@package-operator/oci";
import { buildPackageImage } from "@package-operator/packaging";
import { assemblePackage } from "@package-operator/release";
import { afterAll, beforeAll, expect, vi } from "vitest";
import { ours } from "./cluster.ts";
import { type RunningOperator, startOperator } from "./operator.ts";
import { openRegistry, type TestRegistry } from "./registry.ts";

/** Where the operator is installed unless its configuration says otherwise. */
export const namespace = "package-operator-system";
/** The digest of all images that a release names. */
export const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
/** Where releases are published. */
export const source = "quay.io/package-operator";

/** A cluster without an operator, and a mirror that one can be installed from. */
export interface BootstrapWorld {
  readonly client: KubeClient;
  readonly registry: TestRegistry;
  /** Leads from where releases are published to the mirror. */
  readonly override: string;
  /** Runs the bootstrap of a release. */
  readonly bootstrap: (tag: string, env?: Record<string, string>) => RunningOperator;
  /** The container of the installed operator. */
  readonly managerContainer: (place?: string) => Promise<ManagerContainer>;
}

/** Prepares the cluster for the scenarios of the calling suite: releases v1 and v2 are in the mirror. */
export function useBootstrapWorld(kubeconfig: () => string): () => BootstrapWorld {
  let world: BootstrapWorld;

  beforeAll(async () => {
    const client = createKubeClient(await loadKubeConfig({ kubeconfig: kubeconfig(), env: {} }));
    await removeOperator(client);
    const registry = await openRegistry();
    for (const tag of ["v1", "v2"]) await pushOperatorPackage(registry.address, tag);
    await prepareNamespace(client);
    world = createWorld(client, registry, kubeconfig());
  });

  afterAll(async () => {
    await removeOperator(world.client);
    await world?.registry.close();
    await world?.client.close();
  });

  return () => world;
}

function createWorld(client: KubeClient, registry: TestRegistry, kubeconfig: string): BootstrapWorld {
  return {
    client,
    registry,
    override: `${source}/=${registry.address}/mirror/`,
    bootstrap: (tag, env = {}) =>
      startOperator({
        kubeconfig,
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
      }),
    managerContainer: async (place = namespace) => {
      const deployment = await client.get<ManagerDeployment>({
        apiVersion: "apps/v1",
        kind: "Deployment",
        name: "package-operator-manager",
        namespace: place,
      });
      return deployment.spec.template.spec.containers[0]!;
    },
  };
}

/** What the bootstrap manifest puts beside the Job. */
export async function prepareNamespace(client: KubeClient): Promise<void> {
  await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  const metadata = { name: "package-operator", namespace };
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata };
  // Admission may still know the namespace of that name that has just gone.
  await vi.waitFor(() => client.create(account), { timeout: 30_000, interval: 100 });
}

/** Shows the log of a run that failed. */
export async function expectSuccess(run: RunningOperator): Promise<void> {
  const code = await run.ended;
  expect({ code, log: code === 0 ? [] : run.log }).toEqual({ code: 0, log: [] });
}

interface ManagerContainer {
  image: string;
  env: { name: string; value?: string }[];
}

interface ManagerDeployment {
  apiVersion: string;
  kind: string;
  metadata: Record<string, never>;
  spec: { template: { spec: { containers: ManagerContainer[] } } };
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
export async function removeOperator(client: KubeClient, place = namespace): Promise<void> {
  const labelSelector = "package-operator.run/package=package-operator";
  // From the bottom: a garbage collector that meets these kinds for the first time takes owners in any order.
  for (const kind of ["ClusterObjectSet", "ClusterObjectDeployment", "ClusterPackage"].map((name) =>
    ours(name, ""),
  )) {
    if (!(await client.discovery.serves(kind))) continue;
    const { items } = await client.list(kind, kind.kind === "ClusterPackage" ? {} : { labelSelector });
    for (const object of items.filter(({ metadata }) => metadata.name?.startsWith("package-operator"))) {
      const body = { metadata: { finalizers: null } };
      await ignoreMissing(client.patch(refOf(object), { type: "merge", body }));
      await ignoreMissing(client.delete(refOf(object), { propagation: "Orphan" }));
      // Whoever takes the finalizer of this deletion off as well has the CRDs collected.
      await waitFor(client, refOf(object), (left) => left === undefined, { timeoutMs: 60_000 });
    }
  }
  const rbac = "rbac.authorization.k8s.io/v1";
  const clusterScoped = [
    { apiVersion: rbac, kind: "ClusterRoleBinding", name: "package-operator" },
    { apiVersion: rbac, kind: "ClusterRole", name: "package-operator-remote-phase-manager" },
    ...[...new Set([place, namespace])].map((name) => ({ apiVersion: "v1", kind: "Namespace", name })),
  ];
  for (const ref of clusterScoped) await ignoreMissing(client.delete(ref));
  const isGone = (object: unknown): boolean => object === undefined;
  for (const ref of clusterScoped) await waitFor(client, ref, isGone, { timeoutMs: 60_000 });
}

async function ignoreMissing(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
}
