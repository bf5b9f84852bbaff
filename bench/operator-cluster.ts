import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import {
  createInformer,
  createKubeClient,
  isAlreadyExists,
  isNotFound,
  type KubeClient,
  type KubeObject,
  loadKubeConfig,
  waitFor,
} from "@package-operator/kube";
import { decodeYaml } from "@package-operator/kube-yaml";

const kind = { apiVersion: "package-operator.run/v1alpha1", kind: "ClusterPackage" };

/** Packages of a benchmark on a cluster. */
export interface BenchCluster {
  /** Creates ClusterPackages with these names and resolves with the seconds until all are available. */
  install(names: readonly string[], image: string): Promise<number>;
  /** Deletes packages and resolves when nothing is left of them. */
  uninstall(names: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Connects to the cluster of a kubeconfig and installs the CRDs of the repository at `root`. */
export async function openBenchCluster(kubeconfig: string, root: string): Promise<BenchCluster> {
  const client = createKubeClient(await loadKubeConfig({ kubeconfig, env: {} }), { fieldManager: "bench" });
  await installCrds(client, path.join(root, "config/crds"));
  return {
    async install(names, image) {
      const startedAt = performance.now();
      const available = untilAll(client, names, (object) => object !== undefined && isAvailable(object));
      for (const name of names) await client.create({ ...kind, metadata: { name }, spec: { image } });
      await available;
      return (performance.now() - startedAt) / 1000;
    },
    async uninstall(names) {
      for (const name of names) {
        await client.delete({ ...kind, name }, { propagation: "Foreground" }).catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
      }
      await untilAll(client, names, (object) => object === undefined);
    },
    close: () => client.close(),
  };
}

/** Watches packages until each is as wanted. */
async function untilAll(
  client: KubeClient,
  names: readonly string[],
  wanted: (object: KubeObject | undefined) => boolean,
): Promise<void> {
  const informer = createInformer(client, kind);
  try {
    await informer.synced;
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (names.every((name) => wanted(informer.store.get({ name })))) resolve();
      };
      informer.onEvent(check);
      check();
    });
  } finally {
    await informer.close();
  }
}

function isAvailable({ metadata, status }: KubeObject & { status?: unknown }): boolean {
  const conditions = (
    status as { conditions?: { type: string; status: string; observedGeneration: number }[] }
  )?.conditions;
  return (conditions ?? []).some(
    (condition) =>
      condition.type === "Available" &&
      condition.status === "True" &&
      condition.observedGeneration === metadata.generation,
  );
}

async function installCrds(client: KubeClient, folder: string): Promise<void> {
  for (const file of await readdir(folder)) {
    const crd = decodeYaml(await readFile(path.join(folder, file), "utf8")) as unknown as KubeObject;
    await client.create(crd).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
    });
    const { apiVersion, kind: crdKind, metadata } = crd;
    await waitFor(client, { apiVersion, kind: crdKind, name: metadata.name ?? "" }, (found) =>
      JSON.stringify(found?.["status"] ?? "").includes('"Established"'),
    );
  }
  client.discovery.invalidate();
}
