import path from "node:path";
import type { KubeObject } from "@package-operator/kube";
import type { JsonObject } from "@package-operator/kube-yaml";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { isCurrent, isRolledOut, openCluster, ours, revisionOf, type TestCluster } from "./cluster.ts";
import { fresh } from "./defects-world.ts";
import { type BundledManager, bundleManager, type ManagerProcess } from "./manager-process.ts";
import { assertSettled, freePort, scrape } from "./operator-metrics.ts";
import { configMapFile, manifest } from "./packages.ts";
import { createPuller, type Puller } from "./puller.ts";
import { openRegistry, type TestRegistry } from "./registry.ts";

const leaseName = "8a4hp84a6s.package-operator-lock";
const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const timeout = 60_000;

/** One of the processes that want to be the operator. */
interface Candidate {
  readonly manager: ManagerProcess;
  readonly port: number;
}

/** Operators that take turns on one cluster, as processes of their own. */
export function switchScenarios(kubeconfig: () => string): void {
  let cluster: TestCluster;
  let registry: TestRegistry;
  let bundled: BundledManager;
  let puller: Puller;
  let namespace: string;
  const running = new Set<Candidate>();

  beforeAll(async () => {
    cluster = await openCluster(kubeconfig());
    registry = await openRegistry();
    bundled = await bundleManager(path.resolve(import.meta.dirname, "../.."));
    puller = await createPuller(cluster);
    namespace = puller.namespace;
  });

  afterAll(async () => {
    if (running.size === 0) await start();
    await cluster?.close();
    await Promise.all([...running].map((candidate) => end(candidate)));
    await bundled?.remove();
    await registry?.close();
  });

  const overrides = () => [
    `quay.io/switch/=${registry.address}/mirror/`,
    "quay.io/elsewhere/=mirror.example/elsewhere/",
  ];
  const start = async (prefixes = overrides()): Promise<Candidate> => {
    const port = await freePort();
    const manager = bundled.start({
      kubeconfig: kubeconfig(),
      argv: [
        "-enable-leader-election=true",
        `-namespace=${namespace}`,
        `-metrics-addr=127.0.0.1:${port}`,
        ...puller.flags,
        `-image-prefix-overrides=${prefixes.join(",")}`,
      ],
    });
    const candidate = { manager, port };
    running.add(candidate);
    return candidate;
  };
  /** Kills a process and takes the lease away from it, which would otherwise run on for two minutes. */
  const kill = async (candidate: Candidate): Promise<void> => {
    await end(candidate, "SIGKILL");
    const ref = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", name: leaseName, namespace };
    await cluster.client.patch(ref, { type: "merge", body: { spec: { holderIdentity: "" } } });
  };
  const end = async (candidate: Candidate, signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> => {
    running.delete(candidate);
    await candidate.manager.end(signal);
  };
  const isLeading = async ({ port }: Candidate): Promise<boolean> => {
    const found = await scrape(port).catch(() => undefined);
    return found?.value(`leader_election_master_status{name="${leaseName}"}`) === 1;
  };

  const packages: Package[] = [
    { name: fresh("plain"), values: ["one", "two"] },
    { name: fresh("mirrored"), values: ["one", "two"], prefix: () => "quay.io/switch" },
    { name: fresh("rolled-back"), values: ["one", "two", "one"] },
    { name: fresh("sliced"), values: ["one", "two"], annotations: { [chunking]: "EachObject" } },
    { name: fresh("classed"), values: ["one", "two"], phaseClass: "default" },
    { name: fresh("paused"), values: ["one"], paused: true },
    { name: fresh("namespaced"), values: ["one", "two"], isNamespaced: true, prefix: () => "quay.io/switch" },
  ];
  const refOf = ({ name, isNamespaced }: Package) =>
    isNamespaced ? ours("Package", name, namespace) : ours("ClusterPackage", name);
  const settledAt = (pkg: Package, revision: number) =>
    cluster.until(refOf(pkg), `at revision ${revision}`, (object) => isRolledOut(object, revision), timeout);
  const change = (pkg: Package, spec: JsonObject) =>
    cluster.client.patch(refOf(pkg), { type: "merge", body: { spec } });

  async function install(pkg: Package): Promise<void> {
    const { name, isNamespaced, prefix = () => registry.address, annotations = {} } = pkg;
    await registry.push(
      prefix() === registry.address ? `${name}:v1` : `mirror/${name}:v1`,
      filesOf(pkg, namespace),
    );
    await cluster.create({
      ...refOf(pkg),
      metadata: { name, annotations, ...(isNamespaced ? { namespace } : {}) },
      spec: { image: `${prefix()}/${name}:v1`, config: { value: pkg.values[0]! } },
    });
    for (const [index, value] of pkg.values.entries()) {
      if (index > 0) await change(pkg, { config: { value } });
      await settledAt(pkg, index + 1);
    }
    if (pkg.paused) {
      await change(pkg, { paused: true });
      await cluster.until(refOf(pkg), "paused", (object) => isCurrent(object, "Paused", "True"));
    }
  }

  /** Everything that packages are made of, by kind and name, as it is stored. */
  async function snapshot(): Promise<Record<string, KubeObject>> {
    const kinds = ["Package", "ObjectDeployment", "ObjectSet", "ObjectSetPhase", "ObjectSlice"].flatMap(
      (kind) => [
        { kind: ours(kind, ""), place: namespace },
        { kind: ours(`Cluster${kind}`, ""), place: undefined },
      ],
    );
    const lists = await Promise.all(
      [
        ...kinds,
        { kind: { apiVersion: "v1", kind: "ConfigMap" }, place: namespace },
        { kind: { apiVersion: "apps/v1", kind: "Deployment" }, place: namespace },
      ].map(async ({ kind, place }) => {
        const { items } = await cluster.client.list(kind, { namespace: place });
        return items.map((item) => [`${kind.kind}/${item.metadata.name}`, item] as const);
      }),
    );
    const isOurs = ([key]: readonly [string, KubeObject]) =>
      packages.some(({ name }) => key.includes(`/${name}`));
    return Object.fromEntries(lists.flat().filter(isOurs));
  }

  /** How many objects each controller has to look at before it can be said to have changed nothing. */
  function countsOf(objects: Readonly<Record<string, KubeObject>>): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const key of Object.keys(objects)) {
      const kind = key.slice(0, key.indexOf("/")).toLowerCase();
      if (/(package|objectdeployment|objectset)$/.test(kind)) counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return counts;
  }

  /** Waits until one of these leads and has looked at everything; gives it back. */
  async function settledLeader(
    candidates: readonly Candidate[],
    objects: Readonly<Record<string, KubeObject>>,
  ): Promise<Candidate> {
    const leader = await vi.waitUntil(
      async () => {
        for (const candidate of candidates) if (await isLeading(candidate)) return candidate;
        return undefined;
      },
      { timeout, interval: 100 },
    );
    await vi.waitFor(() => assertSettled(leader.port, countsOf(objects)), { timeout, interval: 100 });
    return leader;
  }

  describe("operators that take turns", () => {
    let first: Candidate;
    let before: Record<string, KubeObject>;

    beforeAll(async () => {
      first = await start();
      await Promise.all(packages.map(install)).catch((error: unknown) => {
        throw new Error(`the operator said:\n${first.manager.log()}`, { cause: error });
      });
      before = await vi.waitFor(
        async () => {
          const objects = await snapshot();
          if (!isAtRest(objects)) throw new Error("the packages are still rolled out");
          await assertSettled(first.port, countsOf(objects));
          // The lists of one snapshot are of different moments: only what stays is at rest.
          expect(await snapshot()).toEqual(objects);
          return objects;
        },
        { timeout, interval: 200 },
      );
    }, 2 * timeout);

    test("change nothing, in whatever order they start and end", { timeout: 5 * timeout }, async () => {
      const pulls = registry.requests.length;
      const expectUnchanged = async (what: string, ...candidates: Candidate[]): Promise<Candidate> => {
        const leader = await settledLeader(candidates, before);
        const after = await snapshot();
        expect(Object.keys(after).toSorted(), what).toEqual(Object.keys(before).toSorted());
        for (const [key, object] of Object.entries(after))
          expect(object, `${what}: ${key}`).toEqual(before[key]);
        return leader;
      };
      const second = await start();
      await end(first);
      await expectUnchanged("the second follows the first", second);
      first = await start();
      await end(second);
      await expectUnchanged("and the first the second", first);
      await end(first);
      const both = await Promise.all([start(), start()]);
      const leader = await expectUnchanged("both start at once", ...both);
      const standby = both.find((candidate) => candidate !== leader)!;
      await kill(leader);
      await expectUnchanged("the leader is killed", standby);
      const third = await start();
      await kill(standby);
      await expectUnchanged("and its successor too", third);
      await kill(third);
      const late = await Promise.all([start(), start()]);
      first = await expectUnchanged("nobody was there for a while", ...late);
      for (const candidate of late) if (candidate !== first) await end(candidate);
      expect(registry.requests.length).toBe(pulls);
    });

    test("make no revision for their overrides in another order", { timeout: 3 * timeout }, async () => {
      const hashOf = (objects: Record<string, KubeObject>, { name, isNamespaced }: Package) =>
        (objects[`${isNamespaced ? "" : "Cluster"}Package/${name}`]!["status"] as { unpackedHash: string })
          .unpackedHash;
      const pulls = registry.requests.length;
      let last = before;
      for (const prefixes of [overrides().toReversed(), overrides()]) {
        const next = await start(prefixes);
        await end(first);
        first = next;
        await settledLeader([first], before);
        const after = await vi.waitUntil(
          async () => {
            const objects = await snapshot();
            const isRecorded = (pkg: Package) => pkg.paused || hashOf(objects, pkg) !== hashOf(last, pkg);
            return packages.every(isRecorded) && isAtRest(objects) && objects;
          },
          { timeout, interval: 200 },
        );
        expect(Object.keys(after).toSorted()).toEqual(Object.keys(before).toSorted());
        for (const [key, object] of Object.entries(after)) {
          // The hash is recorded with the package; a deployment may remember it, but is asked for nothing else.
          if (/^(Cluster)?Package\//.test(key)) continue;
          else if (/ObjectDeployment\//.test(key)) expect(object["spec"], key).toEqual(before[key]!["spec"]);
          else expect(object, key).toEqual(before[key]);
        }
        last = after;
      }
      expect(registry.requests.length).toBe(pulls);
    });

    test(
      "make one revision of a change, although one is killed in the middle of it",
      { timeout: 3 * timeout },
      async () => {
        const standby = await start();
        await vi.waitUntil(
          () =>
            scrape(standby.port).then(
              () => true,
              () => false,
            ),
          { timeout, interval: 100 },
        );
        const changed = packages.filter(({ paused }) => !paused);
        await Promise.all(changed.map((pkg) => change(pkg, { config: { value: "three" } })));
        // The first of them is on its way when the leader dies.
        await vi.waitUntil(async () => Object.keys(await snapshot()).length > Object.keys(before).length, {
          timeout,
          interval: 5,
        });
        await kill(first);
        first = standby;
        await Promise.all(changed.map((pkg) => settledAt(pkg, pkg.values.length + 1)));
        const after = await snapshot();
        await settledLeader([first], after);
        const setsOf = (objects: Record<string, KubeObject>, { name }: Package) =>
          Object.keys(objects).filter((key) => key.includes(`ObjectSet/${name}`));
        for (const pkg of packages) {
          expect(setsOf(after, pkg), pkg.name).toHaveLength(pkg.values.length + (pkg.paused ? 0 : 1));
          const key = `ConfigMap/${pkg.name}`;
          expect(after[key]!.metadata.uid).toBe(before[key]!.metadata.uid);
          expect(after[key]!["data"]).toMatchObject({ value: pkg.paused ? "one" : "three" });
          // Only the number of the revision was written to the workload, and once; to a Deployment that is a generation.
          const workload = after[`Deployment/${pkg.name}`]!;
          const { metadata, spec } = before[`Deployment/${pkg.name}`]!;
          expect(workload["spec"]).toEqual(spec);
          expect(workload.metadata.generation, pkg.name).toBe(metadata.generation! + (pkg.paused ? 0 : 1));
        }
      },
    );
  });
}

const chunking = "packages.package-operator.run/chunking-strategy";

/** A package and what it went through before anybody takes turns. */
interface Package {
  readonly name: string;
  /** Its configuration, one revision after the other. */
  readonly values: readonly string[];
  readonly prefix?: () => string;
  readonly annotations?: Record<string, string>;
  readonly phaseClass?: string;
  readonly paused?: boolean;
  readonly isNamespaced?: boolean;
}

function filesOf({ name, phaseClass }: Package, namespace: string): Record<string, string> {
  const image = "quay.io/switch/app:v1";
  const phase = phaseClass ? { name: "deploy", class: phaseClass } : "deploy";
  return {
    "manifest.yaml": manifest({ name, phases: [phase], images: { app: image } }),
    "manifest.lock.yaml": `apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifestLock
metadata: {creationTimestamp: "2024-01-01T00:00:00Z"}
spec: {images: [{name: app, image: "${image}", digest: "${digest}"}]}
`,
    "a.yaml.gotmpl": configMapFile(name, { namespace }),
    "workload.yaml.gotmpl": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: ${namespace}
  annotations: {package-operator.run/phase: deploy}
spec:
  replicas: 0
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: app, image: {{.images.app | quote}}}]}
`,
  };
}

/** Whether no revision waits for being archived, and no workload for its controller. */
function isAtRest(objects: Readonly<Record<string, KubeObject>>): boolean {
  const newest = new Map<string, number>();
  const deploymentOf = ({ metadata }: KubeObject) =>
    metadata.labels?.["package-operator.run/object-deployment"] ?? "";
  const sets = Object.entries(objects).flatMap(([key, object]) => (/ObjectSet\//.test(key) ? [object] : []));
  for (const set of sets) {
    newest.set(deploymentOf(set), Math.max(revisionOf(set), newest.get(deploymentOf(set)) ?? 0));
  }
  const isArchived = (set: KubeObject) =>
    revisionOf(set) === newest.get(deploymentOf(set)) || isCurrent(set, "Archived", "True");
  const workloads = Object.entries(objects).filter(([key]) => key.startsWith("Deployment/"));
  const isObserved = ({ metadata, status }: KubeObject & { status?: unknown }) =>
    (status as { observedGeneration?: number } | undefined)?.observedGeneration === metadata.generation;
  return sets.every(isArchived) && workloads.every(([, workload]) => isObserved(workload));
}
