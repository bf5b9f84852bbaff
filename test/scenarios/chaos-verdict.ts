import { setTimeout as sleep } from "node:timers/promises";
import type { KubeClient, KubeObject } from "@package-operator/kube";
import type { ChaosUsers } from "./chaos-users.ts";
import { survive } from "./chaos-users.ts";
import { wantedObjects } from "./chaos-model.ts";
import { conditionOf, isCurrent, ours } from "./cluster.ts";

/** What is on the cluster of a chaos. */
interface Found {
  readonly objects: readonly KubeObject[];
  readonly packages: readonly KubeObject[];
  readonly deployments: readonly KubeObject[];
  readonly sets: readonly KubeObject[];
  readonly phases: readonly KubeObject[];
}

/** Waits until the cluster is what its users asked for; gives back the differences that are left at the deadline. */
export async function untilAsWanted(
  client: KubeClient,
  namespace: string,
  users: ChaosUsers,
  timeoutMs: number,
): Promise<string[]> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const differences = compare(await survive(() => look(client, namespace)), users);
    if (differences.length === 0 || Date.now() > deadline) return differences;
    await sleep(500);
  }
}

async function look(client: KubeClient, namespace: string): Promise<Found> {
  const both = async (kind: string): Promise<KubeObject[]> => {
    const [own, cluster] = await Promise.all([
      client.list(ours(kind, ""), { namespace }),
      client.list(ours(`Cluster${kind}`, "")),
    ]);
    const isOurs = ({ metadata }: KubeObject): boolean => metadata.name?.startsWith(`${namespace}-`) ?? false;
    return [...own.items, ...cluster.items.filter(isOurs)];
  };
  const kind = { apiVersion: "v1", kind: "ConfigMap" };
  const { items: objects } = await client.list(kind, { namespace });
  const [packages, deployments, sets, phases] = await Promise.all(
    ["Package", "ObjectDeployment", "ObjectSet", "ObjectSetPhase"].map(both),
  );
  return {
    objects: objects.filter(({ metadata }) => metadata.name?.startsWith(`${namespace}-`)),
    packages: packages ?? [],
    deployments: deployments ?? [],
    sets: sets ?? [],
    phases: phases ?? [],
  };
}

function compare(found: Found, users: ChaosUsers): string[] {
  const installed = new Set(users.model.keys());
  const all = Object.values(found).flat();
  return [
    ...all
      .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
      .map((o) => `${text(o)} is stuck`),
    ...compareNames("package", installed, found.packages),
    ...compareNames("deployment", installed, found.deployments),
    ...found.packages
      .filter((object) => !isDone(object))
      .map((o) => `${text(o)} is not available: ${statusOf(o)}`),
    ...compareOwners(found.deployments, found.packages),
    ...compareOwners(found.sets, found.deployments),
    ...compareOwners(found.phases, found.sets),
    ...compareObjects(found, wantedObjects(users.model)),
  ];
}

function compareNames(what: string, wanted: ReadonlySet<string>, found: readonly KubeObject[]): string[] {
  const names = new Set(found.map(({ metadata }) => metadata.name ?? ""));
  return [
    ...[...wanted].filter((name) => !names.has(name)).map((name) => `${what} ${name} is lost`),
    ...[...names].filter((name) => !wanted.has(name)).map((name) => `${what} ${name} is left over`),
  ];
}

function compareOwners(children: readonly KubeObject[], parents: readonly KubeObject[]): string[] {
  const uids = new Set(parents.map(({ metadata }) => metadata.uid));
  return children
    .filter(({ metadata }) => !uids.has(controllerUid(metadata.ownerReferences)))
    .map((child) => `${text(child)} has no owner`);
}

function compareObjects({ objects, sets, phases }: Found, wanted: ReadonlyMap<string, string>): string[] {
  const inService = sets.filter((set) => conditionOf(set, "Archived") !== "True");
  const active = new Set([...inService, ...phases].map(({ metadata }) => metadata.uid));
  const values = new Map(
    objects.map((object) => [object.metadata.name ?? "", (object["data"] as { value?: string }).value]),
  );
  return [
    ...[...wanted]
      .filter(([name, value]) => values.get(name) !== value)
      .map(([name, value]) => `ConfigMap ${name} is ${values.get(name) ?? "lost"}, not ${value}`),
    ...[...values.keys()].filter((name) => !wanted.has(name)).map((name) => `ConfigMap ${name} is left over`),
    ...objects
      .filter(({ metadata }) => !active.has(controllerUid(metadata.ownerReferences)))
      .map((object) => `${text(object)} has no owner that is in service`),
  ];
}

function controllerUid(owners: KubeObject["metadata"]["ownerReferences"]): string | undefined {
  return owners?.find(({ controller }) => controller === true)?.uid;
}

function isDone(object: KubeObject): boolean {
  return isCurrent(object, "Available", "True") && isCurrent(object, "Progressing", "False");
}

function text({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.name}`;
}

function statusOf(object: KubeObject): string {
  return JSON.stringify({ generation: object.metadata.generation, status: object["status"] ?? null });
}
