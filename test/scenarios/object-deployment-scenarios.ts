import { randomUUID } from "node:crypto";
import { type KubeObject, refOf } from "@package-operator/kube";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  conditionOf,
  configMap,
  findCondition,
  isCurrent,
  isRolledOut,
  messageOf,
  openCluster,
  ours,
  revisionOf,
  type TestCluster,
} from "./cluster.ts";
import { type RunningOperator, startOperator } from "./operator.ts";

const probe = {
  selector: { kind: { group: "", kind: "ConfigMap" } },
  probes: [{ fieldsEqual: { fieldA: ".data.ready", fieldB: ".data.wanted" } }],
};

type Data = Record<string, string>;

/** What deployments do with changing templates, on any cluster; for both scopes. */
export function objectDeploymentScenarios(kubeconfig: () => string): void {
  let cluster: TestCluster;
  let operator: RunningOperator;
  let place: string;

  beforeAll(async () => {
    cluster = await openCluster(kubeconfig());
    place = await cluster.namespace();
    operator = startOperator({ kubeconfig: kubeconfig() });
  });

  afterAll(async () => {
    await cluster?.close();
    expect(await operator?.stop()).toBe(0);
  });

  describe.each([{ prefix: "" }, { prefix: "Cluster" }])(
    'a deployment with the prefix "$prefix"',
    ({ prefix }) => {
      const namespaceOf = () => (prefix === "" ? place : undefined);
      const template = (name: string, objects: Record<string, Data>, phaseClass?: string) => ({
        metadata: { labels: { app: name } },
        spec: {
          availabilityProbes: [probe],
          phases: Object.entries(objects).map(([object, data]) => ({
            name: object,
            ...(phaseClass === undefined ? {} : { class: phaseClass }),
            objects: [{ object: configMap(`${name}-${object}`, data, place) }],
          })),
        },
      });
      const deployment = (name: string, objects: Record<string, Data>, phaseClass?: string): KubeObject => ({
        ...ours(`${prefix}ObjectDeployment`, name),
        metadata: { name, ...(prefix === "" ? { namespace: place } : {}) },
        spec: {
          selector: { matchLabels: { app: name } },
          template: template(name, objects, phaseClass),
        } as never,
      });
      const refTo = (name: string) => ours(`${prefix}ObjectDeployment`, name, namespaceOf());
      const idle = (name: string, revision: number) =>
        cluster.until(refTo(name), `at revision ${revision}`, (object) => isRolledOut(object, revision));
      const change = (name: string, objects: Record<string, Data>, phaseClass?: string) =>
        cluster.client.patch(refTo(name), {
          type: "merge",
          body: { spec: { template: template(name, objects, phaseClass) as never } },
        });
      const setsOf = async (name: string) => {
        const kind = ours(`${prefix}ObjectSet`, "");
        const { items } = await cluster.client.list(kind, {
          namespace: namespaceOf(),
          labelSelector: `app=${name}`,
        });
        return items.toSorted((a, b) => revisionOf(a) - revisionOf(b));
      };
      const good = { ready: "yes", wanted: "yes" };

      test.each([undefined, "default"])(
        "hands objects over from revision to revision (phase class %s)",
        async (phaseClass) => {
          const name = `roll-${randomUUID().slice(0, 8)}`;
          await cluster.create(deployment(name, { kept: good, dropped: good }, phaseClass));
          await idle(name, 1);
          const before = await cluster.client.get({
            apiVersion: "v1",
            kind: "ConfigMap",
            name: `${name}-kept`,
            namespace: place,
          });
          await change(name, { kept: { ...good, more: "two" }, added: good }, phaseClass);
          await idle(name, 2);
          const [first, second] = await setsOf(name);
          await cluster.until(refOf(first!), "archived", (object) => isCurrent(object, "Archived", "True"));
          const after = await cluster.client.get(refOf(before));
          expect(after.metadata.uid).toBe(before.metadata.uid);
          expect(after["data"]).toEqual({ ...good, more: "two" });
          expect(after.metadata.annotations?.["package-operator.run/revision"]).toBe("2");
          const dropped = { apiVersion: "v1", kind: "ConfigMap", name: `${name}-dropped`, namespace: place };
          expect(await cluster.client.find(dropped)).toBeUndefined();
          expect(second!["spec"]).toMatchObject({ previous: [{ name: first!.metadata.name }], revision: 2 });
        },
      );

      test("keeps the old revision while the new one fails, and goes back with a new one", async () => {
        const name = `fail-${randomUUID().slice(0, 8)}`;
        await cluster.create(deployment(name, { a: good, b: good }));
        await idle(name, 1);
        await change(name, { a: { ...good, ready: "no" }, b: good });
        // The old revision judges its objects also when the new one has taken them.
        await cluster.until(refTo(name), "failing", (object) => {
          const message = messageOf(object, "Progressing");
          return (
            message.startsWith("Latest Revision is Unavailable: ") &&
            findCondition(object, "Available")?.["reason"] === "ObjectSetUnready"
          );
        });
        await change(name, { a: good, b: good });
        const back = await idle(name, 3);
        expect(back["status"]).toMatchObject({ collisionCount: 1 });
        const sets = await setsOf(name);
        expect(sets.map(revisionOf)).toEqual([1, 2, 3]);
      });

      test("is paused and resumed with its sets", async () => {
        const name = `pause-${randomUUID().slice(0, 8)}`;
        await cluster.create(deployment(name, { a: good }));
        await idle(name, 1);
        await cluster.client.patch(refTo(name), { type: "merge", body: { spec: { paused: true } } });
        const paused = await cluster.until(refTo(name), "paused", (object) =>
          isCurrent(object, "Paused", "True"),
        );
        expect(findCondition(paused, "Paused")).toMatchObject({
          reason: "Paused",
          message: "Latest revision is paused: Lifecycle state set to paused.",
        });
        const [set] = await setsOf(name);
        expect(set!.metadata.annotations?.["package-operator.run/paused-by-parent"]).toBe("true");
        await change(name, { a: { ...good, more: "two" } });
        await cluster.client.patch(refTo(name), { type: "merge", body: { spec: { paused: false } } });
        const resumed = await idle(name, 2);
        expect(conditionOf(resumed, "Paused")).toBeUndefined();
      });

      test("keeps only as many old revisions as it says", async () => {
        const name = `history-${randomUUID().slice(0, 8)}`;
        const first = deployment(name, { a: good });
        (first["spec"] as { revisionHistoryLimit?: number }).revisionHistoryLimit = 1;
        await cluster.create(first);
        await idle(name, 1);
        for (const revision of [2, 3, 4]) {
          await change(name, { a: { ...good, more: String(revision) } });
          await idle(name, revision);
        }
        const gone = (await setsOf(name)).filter((set) => revisionOf(set) < 3);
        await Promise.all(gone.map((set) => cluster.untilGone(refOf(set))));
        expect((await setsOf(name)).map(revisionOf)).toEqual([3, 4]);
      });
    },
  );
}
