import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInformer, systemClock } from "@package-operator/kube";
import { createApiServer } from "@package-operator/sandbox";
import { expect, test } from "vitest";
import { takeOverSets } from "../../packages/manager/src/object-deployment/take-over.ts";
import type { ObjectDeployment, ObjectSet } from "../../packages/manager/src/resources.ts";
import { createKindStore } from "../../packages/manager/src/runtime/kind-store.ts";
import { openCluster, ours } from "../scenarios/cluster.ts";

test("a deployment becomes the owner of the sets that one of its name has left, and of no others", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "take-over-"));
  // An API server alone: a garbage collector would not wait.
  const server = await createApiServer();
  await writeFile(path.join(folder, "kubeconfig"), JSON.stringify(server.kubeconfig));
  const cluster = await openCluster(path.join(folder, "kubeconfig"));
  const { client } = cluster;
  const namespace = "default";
  const kind = ours("ObjectSet", "");
  const informer = createInformer<ObjectSet>(client, kind, { namespace });
  try {
    await informer.synced;
    const store = createKindStore<ObjectSet>({ kind, client, informer, clock: systemClock });
    const deployment = await client.create<ObjectDeployment>({
      ...ours("ObjectDeployment", "app"),
      metadata: { name: "app", namespace },
      spec: {
        selector: { matchLabels: { app: "app" } },
        template: { metadata: { labels: { app: "app" } }, spec: {} },
      },
    });
    const { apiVersion } = deployment;
    const controller = { apiVersion, kind: "ObjectDeployment", controller: true, blockOwnerDeletion: true };
    const makeSet = (name: string, owner: string, uid: string) =>
      store.create({
        ...ours("ObjectSet", name),
        metadata: { name, namespace, ownerReferences: [{ ...controller, name: owner, uid }] },
        spec: { phases: [{ name: "deploy" }], availabilityProbes: [] },
      });
    const { uid = "" } = deployment.metadata;
    const sets = [
      await makeSet("left", "app", "gone"),
      await makeSet("own", "app", uid),
      await makeSet("other", "else", "other"),
    ];
    const owned = await takeOverSets(store, deployment, sets, {});
    expect(owned.map(({ metadata }) => metadata.ownerReferences?.[0]?.uid)).toEqual([uid, uid, "other"]);
    const stored = await client.get(ours("ObjectSet", "left", namespace));
    expect(stored.metadata.ownerReferences).toEqual([{ ...controller, name: "app", uid }]);
    // Nothing was written without need.
    expect(owned.slice(1)).toEqual(sets.slice(1));
  } finally {
    await informer.close();
    await cluster.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
});
