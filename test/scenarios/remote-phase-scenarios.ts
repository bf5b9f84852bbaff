import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  conditionOf,
  configMap,
  isCurrent,
  isRolledOut,
  openCluster,
  ours,
  type TestCluster,
} from "./cluster.ts";
import { type RunningOperator, startOperator } from "./operator.ts";

const annotation = "package-operator.run/owners";

/** What the operator on a management cluster and a remote phase manager do for a target cluster. */
export function remotePhaseScenarios(kubeconfig: () => string, targetKubeconfig: () => string): void {
  let cluster: TestCluster;
  let target: TestCluster;
  let running: RunningOperator[];
  let namespace: string;
  let elsewhere: string;

  beforeAll(async () => {
    cluster = await openCluster(kubeconfig());
    target = await openCluster(targetKubeconfig());
    [namespace, elsewhere] = [await cluster.namespace(), await target.namespace()];
    running = [
      startOperator({ kubeconfig: kubeconfig() }),
      startOperator({
        program: "remote-phase",
        kubeconfig: kubeconfig(),
        argv: [`-namespace=${namespace}`, `-target-cluster-kubeconfig-file=${targetKubeconfig()}`],
      }),
    ];
  });

  afterAll(async () => {
    await cluster?.close();
    await target?.close();
    for (const program of running ?? []) expect(await program.stop()).toBe(0);
  });

  test("objects go to the other cluster, owned by annotation, and are handed over and taken down", async () => {
    const name = `remote-${randomUUID().slice(0, 8)}`;
    const template = (data: Record<string, string>) => ({
      metadata: { labels: { app: name } },
      spec: {
        phases: [
          { name: "far", class: "hosted-cluster", objects: [{ object: configMap(name, data, elsewhere) }] },
        ],
      },
    });
    await cluster.create({
      ...ours("ObjectDeployment", name),
      metadata: { name, namespace },
      spec: { selector: { matchLabels: { app: name } }, template: template({ a: "1" }) } as never,
    });
    const ref = ours("ObjectDeployment", name, namespace);
    const idle = (revision: number) =>
      cluster.until(ref, `at revision ${revision}`, (object) => isRolledOut(object, revision));
    await idle(1);
    const remote = { apiVersion: "v1", kind: "ConfigMap", name, namespace: elsewhere };
    const first = await target.client.get(remote);
    expect(first.metadata.ownerReferences).toBeUndefined();
    expect(JSON.parse(first.metadata.annotations?.[annotation] ?? "")).toMatchObject([
      { kind: "ObjectSetPhase", namespace, controller: true },
    ]);
    await cluster.client.patch(ref, {
      type: "merge",
      body: { spec: { template: template({ a: "2" }) as never } },
    });
    await idle(2);
    const second = await target.client.get(remote);
    expect(second.metadata.uid).toBe(first.metadata.uid);
    expect(second["data"]).toEqual({ a: "2" });
    await cluster.client.delete(ref, { propagation: "Foreground" });
    await cluster.untilGone(ref);
    // A garbage collector to which our kinds are new may take the deployment before its sets.
    await target.untilGone(remote);
  });

  test("phases of other classes are left alone", async () => {
    const name = `other-${randomUUID().slice(0, 8)}`;
    await cluster.create({
      ...ours("ObjectSetPhase", name),
      metadata: { name, namespace, labels: { "package-operator.run/phase-class": "somebody-else" } },
      spec: { revision: 1, objects: [{ object: configMap(name, {}, namespace) }] } as never,
    });
    const own = `${name}-own`;
    await cluster.create({
      ...ours("ObjectSetPhase", own),
      metadata: { name: own, namespace, labels: { "package-operator.run/phase-class": "default" } },
      spec: { revision: 1, objects: [{ object: configMap(own, {}, namespace) }] } as never,
    });
    await cluster.until(ours("ObjectSetPhase", own, namespace), "available", (object) =>
      isCurrent(object, "Available", "True"),
    );
    const ignored = await cluster.client.get(ours("ObjectSetPhase", name, namespace));
    expect(conditionOf(ignored, "Available")).toBeUndefined();
    expect(ignored.metadata.finalizers).toBeUndefined();
  });
}
