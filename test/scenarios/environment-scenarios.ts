import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  createKubeClient,
  isForbidden,
  type KubeClient,
  type KubeObject,
  loadKubeConfig,
  refOf,
  systemClock,
} from "@package-operator/kube";
import { decodeYaml, encodeJson, parseJson } from "@package-operator/kube-yaml";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { conditionOf, isCurrent, openCluster, ours, type TestCluster, untilServed } from "./cluster.ts";
import { dataOf, fresh } from "./defects-world.ts";
import { type RunningOperator, startOperator } from "./operator.ts";
import { configMapFile, manifest } from "./packages.ts";
import { openRegistry, type TestRegistry } from "./registry.ts";

const rbac = "rbac.authorization.k8s.io/v1";
const timeout = 30_000;
const version = { apiVersion: "config.openshift.io/v1", kind: "ClusterVersion", name: "version" };

/** What packages are told of a cluster that changes, or refuses to tell, while the operator runs. */
export function environmentScenarios(kubeconfig: () => string): void {
  let cluster: TestCluster;
  let registry: TestRegistry;
  let operator: RunningOperator;
  let asOperator: KubeClient;
  let namespace: string;
  let folder: string;
  /** What the operator's clock says, in milliseconds; it stands still in between. */
  let time = 0;
  const name = fresh("openshift");

  beforeAll(async () => {
    cluster = await openCluster(kubeconfig());
    registry = await openRegistry();
    namespace = await cluster.namespace();
    folder = await mkdtemp(path.join(tmpdir(), "environment-"));
    await cluster.create(
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "operator", namespace } },
      roleFor(name, ["", "apiextensions.k8s.io", "package-operator.run"]),
      roleFor(`${name}-version`, ["config.openshift.io"]),
      bindingOf(name, namespace),
      bindingOf(`${name}-version`, namespace),
      clusterVersionCrd,
    );
    const crd = { ...clusterVersionCrd, name: clusterVersionCrd.metadata.name ?? "" };
    await cluster.until(crd, "established", (object) => conditionOf(object, "Established") === "True");
    await untilServed(cluster.client, version);
    await cluster.create({ ...version, metadata: { name: version.name } });
    await setVersion("4.13.0");
    const file = path.join(folder, "kubeconfig");
    await writeFile(file, await kubeconfigOfOperator());
    asOperator = createKubeClient(await loadKubeConfig({ kubeconfig: file, env: {} }));
    await until(true);
    operator = startOperator({
      kubeconfig: file,
      argv: [`-service-account-namespace=${namespace}`, "-service-account-name=operator"],
      clock: { ...systemClock, monotonic: () => time },
    });
  });

  afterAll(async () => {
    await cluster?.client.delete(ours("ClusterPackage", name), { propagation: "Foreground" });
    await cluster?.untilGone(ours("ClusterPackage", name));
    expect(await operator?.stop()).toBe(0);
    await cluster?.close();
    await asOperator?.close();
    await registry?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const setVersion = (text: string) =>
    cluster.client.patch(version, {
      type: "merge",
      body: { status: { history: [{ state: "Completed", version: text }] } },
    });

  /** Waits until the operator may, or may not, read the version. */
  async function until(allowed: boolean): Promise<void> {
    const isAllowed = () =>
      asOperator.get(version).then(
        () => true,
        (error: unknown) => {
          if (isForbidden(error)) return false;
          throw error;
        },
      );
    await vi.waitUntil(async () => (await isAllowed()) === allowed, { timeout, interval: 50 });
  }

  async function kubeconfigOfOperator(): Promise<string> {
    const { body } = await cluster.client.raw({
      method: "POST",
      path: `/api/v1/namespaces/${namespace}/serviceaccounts/operator/token`,
      body: {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: { expirationSeconds: 3600 },
      },
    });
    const { status } = parseJson(body) as { status: { token: string } };
    const config = decodeYaml(await readFile(kubeconfig(), "utf8")) as { users: { name: string }[] };
    return encodeJson({
      ...config,
      users: config.users.map((user) => ({ name: user.name, user: { token: status.token } })),
    });
  }

  /** Changes the package and gives what its object says then. */
  async function rollOut(value: string): Promise<string | undefined> {
    const ref = ours("ClusterPackage", name);
    await cluster.client.patch(ref, { type: "merge", body: { spec: { config: { value } } } });
    await cluster.until(ref, "rolled out", (object) => isCurrent(object, "Available", "True"));
    const map = { apiVersion: "v1", kind: "ConfigMap", name, namespace };
    const live = await cluster.until(
      map,
      "changed",
      (object) => dataOf(object)["value"]?.endsWith(value) ?? false,
    );
    return dataOf(live)["value"];
  }

  const failures = () => operator.log.filter((line) => line.includes("detecting the environment")).length;

  test(
    "what is known stays in use when looking again fails, until it succeeds",
    { timeout: 120_000 },
    async () => {
      const image = await registry.push(`${name}:v1`, {
        "manifest.yaml": manifest({ name }),
        "a.yaml.gotmpl": configMapFile(name, {
          namespace,
          value: "{{ .environment.openShift.version }} {{ .config.value }}",
        }),
      });
      await cluster.client.create({ ...ours("ClusterPackage", name), metadata: { name }, spec: { image } });
      expect(await rollOut("one")).toBe("4.13.0 one");
      // Within a minute nobody looks.
      await setVersion("4.14.0");
      expect(await rollOut("two")).toBe("4.13.0 two");
      const binding = bindingOf(`${name}-version`, namespace);
      await cluster.client.delete(refOf(binding));
      await until(false);
      time += 61_000;
      expect(failures()).toBe(0);
      expect(await rollOut("three")).toBe("4.13.0 three");
      expect(failures()).toBe(1);
      // Nor does it look more often because it failed.
      await cluster.client.create(binding);
      await until(true);
      expect(await rollOut("four")).toBe("4.13.0 four");
      time += 61_000;
      expect(await rollOut("five")).toBe("4.14.0 five");
      expect(failures()).toBe(1);
    },
  );
}

function roleFor(name: string, apiGroups: string[]): KubeObject {
  return {
    apiVersion: rbac,
    kind: "ClusterRole",
    metadata: { name },
    rules: [{ apiGroups, resources: ["*"], verbs: ["*"] }],
  };
}

function bindingOf(name: string, namespace: string): KubeObject {
  return {
    apiVersion: rbac,
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ kind: "ServiceAccount", name: "operator", namespace }],
  };
}

/** OpenShift is only a CRD here. */
const clusterVersionCrd: KubeObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: {
    name: "clusterversions.config.openshift.io",
    annotations: { "api-approved.kubernetes.io": "unapproved, for a scenario" },
  },
  spec: {
    group: "config.openshift.io",
    scope: "Cluster",
    names: {
      plural: "clusterversions",
      singular: "clusterversion",
      kind: version.kind,
      listKind: "ClusterVersionList",
    },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};
