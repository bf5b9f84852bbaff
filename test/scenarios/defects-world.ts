import { randomUUID } from "node:crypto";
import type { KubeObject, ObjectRef } from "@package-operator/kube";
import { afterAll, beforeAll, expect } from "vitest";
import { configMap, isRolledOut, openCluster, ours, revisionOf, type TestCluster } from "./cluster.ts";
import { type RunningOperator, startOperator } from "./operator.ts";

/** Data of config maps by their name. */
export type Objects = Readonly<Record<string, Record<string, string>>>;

/** A cluster with an operator, for scenarios of object sets and deployments in one namespace. */
export interface World {
  readonly cluster: TestCluster;
  readonly operator: RunningOperator;
  readonly namespace: string;
  /** A set with one phase per list of objects. */
  readonly set: (name: string, phases: readonly Phase[], more?: Record<string, unknown>) => KubeObject;
  /** A deployment of one phase. */
  readonly deployment: (name: string, phases: readonly Phase[], more?: Record<string, unknown>) => KubeObject;
  readonly changeTemplate: (name: string, phases: readonly Phase[]) => Promise<KubeObject>;
  /** Waits until a deployment has rolled out a revision. */
  readonly idle: (name: string, revision: number) => Promise<KubeObject>;
  /** The sets of a deployment, oldest first. */
  readonly setsOf: (name: string) => Promise<KubeObject[]>;
  readonly refTo: (name: string) => ObjectRef;
  readonly setRef: (name: string) => ObjectRef;
  readonly deploymentRef: (name: string) => ObjectRef;
}

/** A phase as scenarios write it. */
export interface Phase {
  readonly name?: string;
  readonly class?: string;
  readonly objects?: readonly (KubeObject | { object: KubeObject; [more: string]: unknown })[];
  readonly slices?: readonly string[];
}

/** A probe that passes for config maps whose data says so. */
export const readyProbe = {
  selector: { kind: { group: "", kind: "ConfigMap" } },
  probes: [{ fieldsEqual: { fieldA: ".data.ready", fieldB: ".data.wanted" } }],
};

/** Data that passes {@link readyProbe}. */
export const good = { ready: "yes", wanted: "yes" };

/** A name that no other scenario has. */
export function fresh(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}

/** Opens the world for the scenarios of the calling suite. */
export function useWorld(kubeconfig: () => string): () => World {
  let world: World;

  beforeAll(async () => {
    const cluster = await openCluster(kubeconfig());
    world = createWorld(cluster, startOperator({ kubeconfig: kubeconfig() }), await cluster.namespace());
  });

  afterAll(async () => {
    await world?.cluster.close();
    expect(await world?.operator.stop()).toBe(0);
  });

  return () => world;
}

function createWorld(cluster: TestCluster, operator: RunningOperator, namespace: string): World {
  const deploymentRef = (name: string) => ours("ObjectDeployment", name, namespace);
  const templateOf = (name: string, phases: readonly Phase[], more: Record<string, unknown> = {}) => ({
    metadata: { labels: { app: name } },
    spec: { availabilityProbes: [readyProbe], ...more, phases: phasesOf(phases) },
  });
  return {
    cluster,
    operator,
    namespace,
    set: (name, phases, more = {}) => ({
      ...ours("ObjectSet", name),
      metadata: { name, namespace },
      spec: { revision: 1, ...more, phases: phasesOf(phases) } as never,
    }),
    deployment: (name, phases, more) => ({
      ...ours("ObjectDeployment", name),
      metadata: { name, namespace },
      spec: {
        selector: { matchLabels: { app: name } },
        template: templateOf(name, phases, more),
      } as never,
    }),
    changeTemplate: (name, phases) =>
      cluster.client.patch(deploymentRef(name), {
        type: "merge",
        body: { spec: { template: templateOf(name, phases) as never } },
      }),
    idle: (name, revision) =>
      cluster.until(deploymentRef(name), `at revision ${revision}`, (object) =>
        isRolledOut(object, revision),
      ),
    async setsOf(name) {
      const options = { namespace, labelSelector: `app=${name}` };
      const { items } = await cluster.client.list(ours("ObjectSet", ""), options);
      return items.toSorted((a, b) => revisionOf(a) - revisionOf(b));
    },
    refTo: (name) => ({ apiVersion: "v1", kind: "ConfigMap", name, namespace }),
    setRef: (name) => ours("ObjectSet", name, namespace),
    deploymentRef,
  };
}

function phasesOf(phases: readonly Phase[]): unknown {
  return phases.map(({ name = "deploy", objects = [], slices, ...more }) => ({
    name,
    ...more,
    ...(slices === undefined ? {} : { slices }),
    ...(objects.length === 0
      ? {}
      : { objects: objects.map((object) => ("object" in object ? object : { object })) }),
  }));
}

/** Config maps with these data. */
export function configMaps(objects: Objects): KubeObject[] {
  return Object.entries(objects).map(([name, data]) => configMap(name, data));
}

/** The data of a config map. */
export function dataOf(object: KubeObject): Record<string, string> {
  return object["data"] as Record<string, string>;
}
