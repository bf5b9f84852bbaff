import { setTimeout as sleep } from "node:timers/promises";
import { createInformer, type Informer, type KubeObject } from "@package-operator/kube";
import type { JsonObject } from "@package-operator/kube-yaml";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { KillServer } from "./chaos-server.ts";
import {
  conditionOf,
  isCurrent,
  isRolledOut,
  openCluster,
  ours,
  revisionOf,
  type TestCluster,
} from "./cluster.ts";
import { dataOf, fresh } from "./defects-world.ts";
import { type RunningOperator, startOperator } from "./operator.ts";
import { configMapFile, manifest } from "./packages.ts";
import { createPuller } from "./puller.ts";
import { openRegistry, type TestRegistry } from "./registry.ts";

/** Objects of the phases of a package; so many in the middle that the server dies before they are all there. */
const layout = { first: 3, second: 120, third: 3 } as const;
/** Every watch of the operator comes back at its own time after an outage, as those of client-go do. */
const patience = 90_000;
type PhaseName = keyof typeof layout;

const objectsOf = (name: string, phase: PhaseName): string[] =>
  Array.from({ length: layout[phase] }, (_, index) => `${name}-${phase}-${index}`);
const allObjects = (name: string): string[] =>
  (Object.keys(layout) as PhaseName[]).flatMap((phase) => objectsOf(name, phase));

/** The API server dies in the middle of a phase and comes back; nobody may see that afterwards. */
export function outageScenarios(kubeconfig: () => string, killServer: KillServer): void {
  let cluster: TestCluster;
  let registry: TestRegistry;
  let operator: RunningOperator;
  let namespace: string;
  let objects: Informer;

  beforeAll(async () => {
    cluster = await openCluster(kubeconfig());
    registry = await openRegistry();
    const puller = await createPuller(cluster);
    namespace = puller.namespace;
    operator = startOperator({ kubeconfig: kubeconfig(), argv: puller.flags });
    objects = createInformer(cluster.client, { apiVersion: "v1", kind: "ConfigMap" }, { namespace });
    await objects.synced;
  });

  afterAll(async () => {
    await objects?.close();
    await cluster?.close(2 * patience);
    expect(await operator?.stop()).toBe(0);
    await registry?.close();
  });

  const refTo = (name: string) => ours("Package", name, namespace);
  const pushPackage = (name: string, phaseClass?: string) =>
    registry.push(`${name}:v1`, {
      "manifest.yaml": manifest({
        name,
        phases: Object.keys(layout).map((phase) => (phaseClass ? { name: phase, class: phaseClass } : phase)),
      }),
      ...Object.fromEntries(
        (Object.keys(layout) as PhaseName[]).flatMap((phase) =>
          objectsOf(name, phase).map((object) => [`${object}.yaml.gotmpl`, configMapFile(object, { phase })]),
        ),
      ),
    });
  const install = async (name: string, phaseClass?: string): Promise<void> => {
    const spec: JsonObject = { image: await pushPackage(name, phaseClass), config: { value: "one" } };
    await cluster.create({ ...ours("Package", name), metadata: { name, namespace }, spec });
  };
  const rolledOut = (name: string, revision: number) =>
    cluster.until(
      refTo(name),
      `at revision ${revision}`,
      (object) => isRolledOut(object, revision),
      patience,
    );

  /** Kills the server at the first event of an object that is as wanted, and starts it again in another second. */
  async function dieWhen(isReached: (object: KubeObject, type: string) => boolean): Promise<Death> {
    const killed = new Promise<Death & { restart: () => Promise<void> }>((resolve, reject) => {
      let isDone = false;
      objects.onEvent((event) => {
        if (isDone || !isReached(event.object, event.type)) return;
        isDone = true;
        const seen = new Map(
          objects.store.list().map(({ metadata }) => [metadata.name ?? "", metadata.uid ?? ""]),
        );
        killServer().then((restart) => resolve({ restart, at: Date.now(), seen }), reject);
      });
    });
    const { restart, at, seen } = await killed;
    // Time stamps have whole seconds: from now on they tell what was written before and what after the death.
    await sleep(1100 - (at % 1000));
    await restart();
    return { at, seen };
  }

  /** What has to hold of a package whose roll-out has ended, whatever happened to the server. */
  async function expectRollout(name: string, revision: number, value: string): Promise<KubeObject[]> {
    await rolledOut(name, revision);
    const labelSelector = `package-operator.run/instance=${name}`;
    const list = async (kind: { apiVersion: string; kind: string }): Promise<KubeObject[]> =>
      (await cluster.client.list(kind, { namespace, labelSelector })).items.map((item) => ({
        ...item,
        kind: kind.kind,
      }));
    const deployment = await cluster.client.get(ours("ObjectDeployment", name, namespace));
    expect(isRolledOut(deployment, revision)).toBe(true);
    const sets = (await list(ours("ObjectSet", ""))).toSorted((a, b) => revisionOf(a) - revisionOf(b));
    expect(sets.map(revisionOf)).toEqual(Array.from({ length: revision }, (_, index) => index + 1));
    const newest = sets.at(-1)!;
    for (const type of ["Available", "Succeeded"]) expect(isCurrent(newest, type, "True"), type).toBe(true);
    expect(conditionOf(newest, "InTransition")).toBeUndefined();
    for (const old of sets.slice(0, -1)) {
      const ref = ours("ObjectSet", old.metadata.name ?? "", namespace);
      await cluster.until(ref, "archived", (set) => isCurrent(set, "Archived", "True"), patience);
    }
    const live = await list({ apiVersion: "v1", kind: "ConfigMap" });
    expect(live.map(({ metadata }) => metadata.name).toSorted()).toEqual(allObjects(name).toSorted());
    for (const object of live) {
      expect(dataOf(object)).toEqual({ value });
      expect(object.metadata.annotations?.["package-operator.run/revision"]).toBe(String(revision));
      const controllers = object.metadata.ownerReferences?.filter(({ controller }) => controller) ?? [];
      expect(controllers).toHaveLength(1);
      expect(controllers[0]!.name).toContain(newest.metadata.name);
    }
    await expectRunning();
    return live;
  }

  async function expectRunning(): Promise<void> {
    expect(await Promise.race([operator.ended, Promise.resolve("running")])).toBe("running");
  }

  describe.each([undefined, "default"])(
    "the API server dies in the middle of a phase (class %s)",
    (phaseClass) => {
      test("of a first roll-out", { timeout: 300_000 }, async () => {
        await untilHit(1, async () => {
          const name = fresh("dying");
          const death = dieWhen(({ metadata }) => metadata.name?.startsWith(`${name}-second-`) ?? false);
          await install(name, phaseClass);
          const { at, seen } = await death;
          const live = await expectRollout(name, 1, "one");
          for (const { metadata } of live) {
            expect(metadata.uid, metadata.name).toBe(seen.get(metadata.name ?? "") ?? metadata.uid);
          }
          return isMiddle(live, name, at);
        });
      });

      test("of a hand-over, and once more on the way back", { timeout: 300_000 }, async () => {
        const name = fresh("handed");
        await install(name, phaseClass);
        const before = await expectRollout(name, 1, "one");
        let revision = 1;
        await untilHit(2, async () => {
          revision += 1;
          const value = revision % 2 === 0 ? "two" : "one";
          const death = dieWhen(
            ({ metadata }) =>
              metadata.name?.startsWith(`${name}-second-`) === true &&
              metadata.annotations?.["package-operator.run/revision"] === String(revision),
          );
          const body = { spec: { config: { value } } };
          await cluster.client.patch(refTo(name), { type: "merge", body });
          const { at } = await death;
          const live = await expectRollout(name, revision, value);
          expect(uidsOf(live)).toEqual(uidsOf(before));
          return isMiddle(live, name, at);
        });
      });

      test("of a deletion", { timeout: 300_000 }, async () => {
        const name = fresh("deleted");
        await install(name, phaseClass);
        await rolledOut(name, 1);
        const death = dieWhen(
          ({ metadata }, type) => type === "delete" && metadata.name?.startsWith(`${name}-second-`) === true,
        );
        await cluster.client.delete(refTo(name), { propagation: "Foreground" });
        const { seen } = await death;
        const survivors = objectsOf(name, "second").filter((object) => seen.has(object));
        expect(survivors.length).toBeGreaterThan(0);
        await cluster.untilGone(refTo(name), patience);
        const isOfIt = ({ metadata }: KubeObject) => metadata.name?.startsWith(`${name}-`) === true;
        const kinds = ["ObjectDeployment", "ObjectSet", "ObjectSetPhase", "ObjectSlice"];
        // A garbage collector that missed what the outage swallowed takes the package first, and the rest in any order.
        for (const kind of [
          ...kinds.map((other) => ours(other, "")),
          { apiVersion: "v1", kind: "ConfigMap" },
        ]) {
          const left = async () => (await cluster.client.list(kind, { namespace })).items.filter(isOfIt);
          await vi.waitFor(async () => expect(await left()).toEqual([]), {
            timeout: patience,
            interval: 200,
          });
        }
        await expectRunning();
      });
    },
  );
}

/** When a server died, and the uids of the objects that were seen before. */
interface Death {
  readonly at: number;
  readonly seen: ReadonlyMap<string, string>;
}

/**
 * Plays a scene until the server has died in the middle of it so many times: what happens between an event and the death
 * that it brings is up to the machine.
 */
async function untilHit(times: number, play: () => Promise<boolean>): Promise<void> {
  let hits = 0;
  for (let attempt = 0; attempt < 6 && hits < times; attempt++) if (await play()) hits += 1;
  expect(hits, "deaths in the middle").toBe(times);
}

/** Whether the death was in the middle: some objects of the second phase were applied before it, some after. */
function isMiddle(live: readonly KubeObject[], name: string, diedAt: number): boolean {
  const times = live
    .filter(({ metadata }) => metadata.name?.startsWith(`${name}-second-`))
    .map(({ metadata }) => {
      const applied = metadata.managedFields?.find(({ manager }) => manager === "package-operator");
      return Date.parse(applied?.time ?? "");
    });
  const early = times.filter((time) => time <= diedAt).length;
  return early > 0 && early < times.length;
}

function uidsOf(objects: readonly KubeObject[]): Record<string, string> {
  return Object.fromEntries(objects.map(({ metadata }) => [metadata.name ?? "", metadata.uid ?? ""]));
}
