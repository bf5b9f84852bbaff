import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import {
  createInformer,
  createKubeClient,
  type Informer,
  isAlreadyExists,
  isNotFound,
  type KindRef,
  type KubeClient,
  type KubeObject,
  loadKubeConfig,
  type ObjectRef,
  waitFor,
} from "@package-operator/kube";
import { decodeYaml } from "@package-operator/kube-yaml";

const kind = { apiVersion: "package-operator.run/v1alpha1", kind: "ClusterPackage" };

/** Packages of a benchmark on a cluster. */
export interface BenchCluster {
  /** Creates ClusterPackages with these names and resolves with the seconds until all are available. */
  install(names: readonly string[], image: string): Promise<number>;
  /** Deletes packages and resolves when the operator has taken their objects down. */
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
      const available = untilAll(client, kind, (store) =>
        names.every((name) => isAvailable(store.get({ name }))),
      );
      for (const name of names) await client.create({ ...kind, metadata: { name }, spec: { image } });
      await available;
      return (performance.now() - startedAt) / 1000;
    },
    async uninstall(names) {
      const remove = (ref: ObjectRef): Promise<void> =>
        client.delete(ref).catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
      for (const name of names) await remove({ ...kind, name });
      // The garbage collector would do the rest, but at 20 requests per second.
      const group = { apiVersion: kind.apiVersion };
      await client.deleteCollection({ ...group, kind: "ClusterObjectDeployment" });
      const sets = await client.list({ ...group, kind: "ClusterObjectSet" });
      for (const { metadata } of sets.items) {
        await remove({ ...group, kind: "ClusterObjectSet", name: metadata.name ?? "" });
      }
      await untilAll(client, { ...group, kind: "ClusterObjectSet" }, (store) => store.size === 0);
    },
    close: () => client.close(),
  };
}

/** Watches a kind until what is there is as wanted. */
async function untilAll(
  client: KubeClient,
  watched: KindRef,
  wanted: (store: Informer["store"]) => boolean,
): Promise<void> {
  const informer = createInformer(client, watched);
  try {
    await informer.synced;
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (wanted(informer.store)) resolve();
      };
      informer.onEvent(check);
      check();
    });
  } finally {
    await informer.close();
  }
}

function isAvailable(object: KubeObject | undefined): boolean {
  const status = object?.["status"] as
    | { conditions?: { type: string; status: string; observedGeneration: number }[] }
    | undefined;
  return (status?.conditions ?? []).some(
    (condition) =>
      condition.type === "Available" &&
      condition.status === "True" &&
      condition.observedGeneration === object?.metadata.generation,
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
