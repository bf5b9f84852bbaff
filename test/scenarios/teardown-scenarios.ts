import { annotations } from "@package-operator/api";
import type { KubeObject } from "@package-operator/kube";
import { nativeOwnership, type Revision, teardownPhase } from "@package-operator/rollout";
import { afterAll, beforeAll, expect, test } from "vitest";
import { configMap, openCluster, ours, type TestCluster } from "./cluster.ts";
import { fresh } from "./defects-world.ts";

const hold = "scenario.example.com/hold";

/** Who lets go of an object first, when revisions that share it are deleted together. No operator runs. */
export function teardownScenarios(kubeconfig: () => string): void {
  let cluster: TestCluster;
  let namespace: string;

  beforeAll(async () => {
    cluster = await openCluster(kubeconfig());
    namespace = await cluster.namespace();
  });
  afterAll(() => cluster?.close());

  /** A revision of a deployment; the finalizer keeps it when it is deleted. */
  async function createRevision(name: string, number: number): Promise<Revision> {
    const set: KubeObject = await cluster.client.create<KubeObject>({
      ...ours("ObjectSet", name),
      metadata: { name, namespace, finalizers: [hold] },
      spec: { revision: number, phases: [{ name: "deploy" }], availabilityProbes: [] },
    });
    const { apiVersion, kind, metadata } = set;
    return {
      owner: { apiVersion, kind, name, namespace, uid: metadata.uid ?? "" },
      ownership: nativeOwnership,
      number,
      namespace,
      labels: {},
      paused: false,
      forceAdoption: false,
      isSibling: () => Promise.resolve(true),
    };
  }

  /** An object that the first revision made, and the second took over. */
  async function sharedObject(name: string): Promise<{ first: Revision; second: Revision }> {
    const [first, second] = [await createRevision(`${name}-1`, 1), await createRevision(`${name}-2`, 2)];
    const object = configMap(name, {}, namespace);
    object.metadata.annotations = { [annotations.revision]: "2" };
    const made = nativeOwnership.withController(object, first.owner);
    await cluster.client.create(nativeOwnership.withController(object, second.owner, made));
    return { first, second };
  }

  const refTo = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", name, namespace });
  const patchMetadata = (object: KubeObject, metadata: object) =>
    cluster.client.patch(
      { ...refTo(object.metadata.name ?? ""), apiVersion: object.apiVersion, kind: object.kind },
      { type: "merge", body: { metadata: metadata as never } },
    );
  const teardown = (name: string, revision: Revision) =>
    teardownPhase(
      { client: cluster.client, cache: { get: (ref) => cluster.client.find(ref) } },
      { name: "deploy", objects: [{ object: configMap(name) }] },
      revision,
    );
  const letGo = async ({ owner }: Revision) => {
    const set = await cluster.client.get(ours(owner.kind, owner.name, namespace));
    await patchMetadata(set, { finalizers: null });
    await cluster.client.delete(ours(owner.kind, owner.name, namespace)).catch(() => undefined);
  };

  test("an older revision leaves an object to a newer one that stays", async () => {
    const name = fresh("stays");
    const { first, second } = await sharedObject(name);
    expect((await teardown(name, first)).waiting).toEqual([]);
    const { metadata } = await cluster.client.get(refTo(name));
    expect(nativeOwnership.owners({ ...configMap(name), metadata })).toMatchObject([
      { uid: second.owner.uid, controller: true },
    ]);
    await cluster.client.delete(refTo(name));
    await Promise.all([first, second].map(letGo));
  });

  test("an object is nobody's at no time, when all its revisions are deleted", async () => {
    const name = fresh("leaves");
    const { first, second } = await sharedObject(name);
    await cluster.client.delete(ours("ObjectSet", second.owner.name, namespace));

    const { waiting } = await teardown(name, first);
    expect(waiting.map(({ metadata }) => metadata.name)).toEqual([name]);
    const held = await cluster.client.get(refTo(name));
    expect(nativeOwnership.owners(held).map(({ uid }) => uid)).toEqual([first.owner.uid, second.owner.uid]);

    // What the garbage collector does to owners that are deleted in the foreground, when it has not seen that the other
    // one is going too.
    await patchMetadata(held, nativeOwnership.removalPatch(held, second.owner));
    expect((await teardown(name, second)).waiting).toEqual([]);
    await teardown(name, first);
    expect(await cluster.client.find(refTo(name))).toBeUndefined();
    expect((await teardown(name, first)).waiting).toEqual([]);
    await Promise.all([first, second].map(letGo));
  });
}
