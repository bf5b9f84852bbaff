import { createInformer, type KubeObject, refOf, waitFor } from "@package-operator/kube";
import { beforeEach, describe, expect, test } from "vitest";
import {
  expectSuccess,
  namespace,
  prepareNamespace,
  removeOperator,
  source,
  useBootstrapWorld,
} from "./bootstrap-world.ts";
import { conditionOf, configMap, findCondition, installCrds, ours } from "./cluster.ts";
import { fresh } from "./defects-world.ts";
import { startInstantPods } from "./instant-pods.ts";
import { configMapFile, manifest } from "./packages.ts";

const timeoutMs = 60_000;
const slices = ["objectslice", "clusterobjectslice"] as const;
const crdRef = (plural: string) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  name: `${plural}.package-operator.run`,
});

/** What the self-bootstrap finds where somebody was before it, on any cluster. */
export function bootstrapRepairScenarios(kubeconfig: () => string): void {
  const world = useBootstrapWorld(kubeconfig);
  const own = ours("ClusterPackage", "package-operator");

  beforeEach(async () => {
    await removeOperator(world().client);
    await prepareNamespace(world().client);
  }, 2 * timeoutMs);

  /** Runs the bootstrap of a release to its end, with pods that are ready at once. */
  async function install(tag: string, env: Record<string, string> = {}, place = namespace): Promise<void> {
    const { bootstrap, client, override } = world();
    const pods = startInstantPods(client, place);
    try {
      await expectSuccess(bootstrap(tag, { PKO_IMAGE_PREFIX_OVERRIDES: override, ...env }));
    } finally {
      await pods.close();
    }
  }

  const ownSets = async (): Promise<KubeObject[]> => {
    const labelSelector = "package-operator.run/object-deployment=package-operator";
    return (await world().client.list(ours("ClusterObjectSet", ""), { labelSelector })).items;
  };

  test("the CRDs of slices that release 1.7.0 renamed are replaced", { timeout: 5 * timeoutMs }, async () => {
    const { client } = world();
    await installCrds(client);
    const definitions: KubeObject[] = [];
    for (const singular of slices) {
      const present = await client.find(crdRef(`${singular}s`));
      if (present) {
        await client.delete(refOf(present));
        await waitFor(client, refOf(present), (crd) => crd === undefined, { timeoutMs });
      }
      definitions.push(await client.create(oldCrd(singular)));
    }
    const isEstablished = (crd: KubeObject | undefined) => conditionOf(crd, "Established") === "True";
    for (const crd of definitions) await waitFor(client, refOf(crd), isEstablished, { timeoutMs });
    // The old operator put them there, with a revision that would put them back.
    const set = await client.create<KubeObject>({
      ...ours("ClusterObjectSet", "old"),
      metadata: {
        name: "package-operator-old",
        labels: {
          "package-operator.run/package": "package-operator",
          "package-operator.run/object-deployment": "package-operator",
        },
        finalizers: ["package-operator.run/cached"],
      },
      spec: {
        revision: 1,
        phases: [{ name: "crds", objects: slices.map((singular) => ({ object: oldCrd(singular) })) }],
      } as never,
    });
    const owner = {
      apiVersion: set.apiVersion,
      kind: set.kind,
      name: "package-operator-old",
      uid: set.metadata.uid,
    };
    for (const singular of slices) {
      const body = { metadata: { ownerReferences: [{ ...owner, controller: true } as never] } };
      await client.patch(crdRef(singular), { type: "merge", body });
    }
    await install("v1");
    for (const singular of slices) {
      expect(await client.find(crdRef(singular)), singular).toBeUndefined();
      const { metadata } = await client.get(crdRef(`${singular}s`));
      await waitFor(client, crdRef(`${singular}s`), isEstablished, { timeoutMs });
      expect(metadata.ownerReferences?.map(({ name }) => name)).not.toContain("package-operator-old");
    }
    expect(await client.find(ours("ClusterObjectSet", "package-operator-old"))).toBeUndefined();
    client.discovery.invalidate();
    const slice = { ...ours("ObjectSlice", "served"), metadata: { name: "served", namespace }, objects: [] };
    expect((await client.create<KubeObject>(slice)).metadata.uid).toBeDefined();
  });

  describe("a revision that an update paused before it broke off", () => {
    test.each([
      ["after its override", () => `${world().registry.address}/mirror/package-operator-package:v1`],
      ["before its override", () => `${source}/package-operator-package:v1`],
    ])("is resumed when its image, %s, is wanted again", async (_form, image) => {
      const { client } = world();
      await install("v1");
      const [set] = await ownSets();
      const other = { image: `${source}/package-operator-package:v2` };
      await client.patch(refOf(set!), {
        type: "merge",
        body: {
          metadata: { annotations: { "package-operator.run/package-source-image": image() } },
          spec: { lifecycleState: "Paused" },
        },
      });
      await client.patch(own, { type: "merge", body: { spec: other } });
      await install("v1");
      const sets = await ownSets();
      expect(sets.map(({ metadata }) => metadata.uid)).toEqual([set!.metadata.uid]);
      expect(sets[0]!["spec"]).toMatchObject({ lifecycleState: "Active", revision: 1 });
    });

    test("stays paused when another image is wanted", async () => {
      const { client } = world();
      await install("v1");
      const [set] = await ownSets();
      await client.patch(refOf(set!), { type: "merge", body: { spec: { lifecycleState: "Paused" } } });
      const states = new Set<unknown>();
      const informer = createInformer(client, ours("ClusterObjectSet", ""));
      informer.onEvent(({ object }) => {
        if (object.metadata.uid !== set!.metadata.uid) return;
        states.add((object["spec"] as { lifecycleState?: string }).lifecycleState);
      });
      await informer.synced;
      await install("v2");
      await informer.close();
      expect(await ownSets()).toHaveLength(2);
      expect(states).toContain("Paused");
      expect(states).not.toContain("Active");
    });
  });

  test(
    "only objects of the operator's own package are taken from nobody",
    { timeout: 3 * timeoutMs },
    async () => {
      const { bootstrap, client, override, registry } = world();
      await install("v1");
      await removeOperator(client);
      await prepareNamespace(client);
      await installCrds(client);
      const name = fresh("stranger");
      const theirs = configMap(name, { theirs: "yes" }, namespace);
      const service = {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "package-operator-metrics", namespace },
        spec: { ports: [{ port: 1234 }] },
      };
      await client.create(theirs);
      await client.create(service);
      const image = await registry.push(`${name}:v1`, {
        "manifest.yaml": manifest({ name }),
        "a.yaml": configMapFile(name, { namespace, value: "ours" }),
      });
      const stranger = ours("ClusterPackage", name);
      await client.create({ ...stranger, metadata: { name }, spec: { image } });
      const run = bootstrap("v1", { PKO_IMAGE_PREFIX_OVERRIDES: override });
      // Without pods the operator does not become available, and the bootstrap does its work.
      const labelSelector = `package-operator.run/instance=${name}`;
      const kind = ours("ClusterObjectSet", "");
      const deployment = await waitFor(
        client,
        ours("ClusterObjectDeployment", name),
        (object) =>
          (findCondition(object, "Progressing")?.["message"] as string | undefined)?.includes("refusing") ??
          false,
        { timeoutMs },
      );
      expect(deployment).toBeDefined();
      const [set] = (await client.list(kind, { labelSelector })).items;
      expect(findCondition(set, "Available")).toMatchObject({ reason: "CollisionDetected" });
      const pods = startInstantPods(client, namespace);
      await expectSuccess(run);
      await pods.close();
      expect((await client.get({ ...theirs, name, namespace }))["data"]).toEqual({ theirs: "yes" });
      const taken = await client.get({ ...service, name: "package-operator-metrics", namespace });
      expect(taken.metadata.ownerReferences).toMatchObject([{ kind: "ClusterObjectSet", controller: true }]);
      await client.patch(refOf(set!), { type: "merge", body: { metadata: { finalizers: null } } });
      await client.patch(stranger, { type: "merge", body: { metadata: { finalizers: null } } });
      await client.delete(stranger, { propagation: "Background" }).catch(() => undefined);
    },
  );

  test(
    "the operator is looked for in the namespace of its configuration",
    { timeout: 3 * timeoutMs },
    async () => {
      const { client, managerContainer } = world();
      const place = fresh("elsewhere");
      await install("v1", { PKO_CONFIG: JSON.stringify({ namespace: place }) }, place);
      expect((await managerContainer(place)).image).toContain("package-operator-manager@");
      const { items } = await client.list({ apiVersion: "apps/v1", kind: "Deployment" }, { namespace });
      expect(items).toEqual([]);
      await removeOperator(client, place);
    },
  );
}

/** A definition as releases before 1.7.0 had it, whose plural was the singular. */
function oldCrd(singular: (typeof slices)[number]): KubeObject {
  const kind = singular === "objectslice" ? "ObjectSlice" : "ClusterObjectSlice";
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${singular}.package-operator.run` },
    spec: {
      group: "package-operator.run",
      scope: singular === "objectslice" ? "Namespaced" : "Cluster",
      names: { plural: singular, singular, kind, listKind: `${kind}List` },
      versions: [
        {
          name: "v1alpha1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
        },
      ],
    },
  };
}
