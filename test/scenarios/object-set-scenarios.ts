import { randomUUID } from "node:crypto";
import type { KubeObject } from "@package-operator/kube";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  conditionOf,
  configMap,
  findCondition,
  isCurrent,
  messageOf,
  openCluster,
  ours,
  type TestCluster,
} from "./cluster.ts";
import { type RunningOperator, startOperator } from "./operator.ts";

const kind = { apiVersion: "v1", kind: "ConfigMap" };

/** A probe that passes for config maps whose data says so. */
const readyProbe = {
  selector: { kind: { group: "", kind: "ConfigMap" } },
  probes: [{ fieldsEqual: { fieldA: ".data.ready", fieldB: ".data.wanted" } }],
};

/** What the controllers of object sets and phases do, on any cluster. */
export function objectSetScenarios(kubeconfig: () => string): void {
  let cluster: TestCluster;
  let operator: RunningOperator;
  let namespace: string;

  beforeAll(async () => {
    cluster = await openCluster(kubeconfig());
    operator = startOperator({ kubeconfig: kubeconfig() });
  });

  afterAll(async () => {
    await cluster?.close();
    expect(await operator?.stop()).toBe(0);
  });

  beforeAll(async () => {
    namespace = await cluster.namespace();
  });

  const objectSet = (name: string, spec: Record<string, unknown>): KubeObject => ({
    ...ours("ObjectSet", name),
    metadata: { name, namespace },
    spec: { revision: 1, ...spec },
  });
  const refTo = (name: string) => ({ ...kind, name, namespace });
  const available = (name: string) =>
    cluster.until(ours("ObjectSet", name, namespace), "available", (object) =>
      isCurrent(object, "Available", "True"),
    );

  test("phases are rolled out one after the other", async () => {
    const name = `phases-${randomUUID().slice(0, 8)}`;
    const waiting = { object: configMap(`${name}-a`, { ready: "no", wanted: "yes" }) };
    await cluster.create(
      objectSet(name, {
        availabilityProbes: [readyProbe],
        phases: [
          { name: "first", objects: [waiting] },
          { name: "second", objects: [{ object: configMap(`${name}-b`, { ready: "yes", wanted: "yes" }) }] },
        ],
      }),
    );
    const blocked = await cluster.until(ours("ObjectSet", name, namespace), "probed", (object) =>
      isCurrent(object, "Available", "False"),
    );
    expect(findCondition(blocked, "Available")).toMatchObject({
      reason: "ProbeFailure",
      message: `Phase "first" failed:  ConfigMap ${namespace}/${name}-a: ".data.ready" != ".data.wanted" expected: "no" got: "yes"`,
    });
    expect(conditionOf(blocked, "InTransition")).toBe("True");
    expect(await cluster.client.find(refTo(`${name}-b`))).toBeUndefined();
    // A field the set does not own would be forced back; one it owns is given up with the wanted value.
    const body = { data: { ready: "yes" } };
    await cluster.client.patch(refTo(`${name}-a`), { type: "merge", body });
    await cluster.until(
      refTo(`${name}-a`),
      "put back",
      (object) => (object["data"] as { ready: string }).ready === "no",
    );
  });

  test("what somebody changes is put back, what is not ours is left", async () => {
    const name = `drift-${randomUUID().slice(0, 8)}`;
    await cluster.create(
      objectSet(name, { phases: [{ name: "deploy", objects: [{ object: configMap(name, { a: "1" }) }] }] }),
    );
    const set = await available(name);
    expect(conditionOf(set, "Succeeded")).toBe("True");
    expect(set["status"]).toMatchObject({
      controllerOf: [{ kind: "ConfigMap", group: "", name, namespace, version: "" }],
      revision: 1,
    });
    await cluster.client.patch(refTo(name), { type: "merge", body: { data: { a: "2", b: "theirs" } } });
    const back = await cluster.until(
      refTo(name),
      "put back",
      (object) => (object["data"] as { a: string }).a === "1",
    );
    expect(back["data"]).toEqual({ a: "1", b: "theirs" });
  });

  test("an object of somebody else is not taken", async () => {
    const name = `collision-${randomUUID().slice(0, 8)}`;
    await cluster.create({ ...configMap(name, { theirs: "yes" }), metadata: { name, namespace } });
    await cluster.create(
      objectSet(name, {
        phases: [{ name: "deploy", objects: [{ object: configMap(name, { ours: "yes" }) }] }],
      }),
    );
    const set = await cluster.until(ours("ObjectSet", name, namespace), "refused", (object) =>
      isCurrent(object, "Available", "False"),
    );
    expect(findCondition(set, "Available")).toMatchObject({
      reason: "CollisionDetected",
      message: `object /${name} kind:ConfigMap: refusing adoption, object /v1, Kind=ConfigMap ${namespace}/${name} not owned by previous revision`,
    });
    const live = await cluster.client.get(refTo(name));
    expect(live["data"]).toEqual({ theirs: "yes" });
  });

  test.each(["IfNoController", "None"])(
    "an object of nobody is taken with %s",
    async (collisionProtection) => {
      const name = `adopt-${randomUUID().slice(0, 8)}`;
      await cluster.create({ ...configMap(name, { theirs: "yes" }), metadata: { name, namespace } });
      await cluster.create(
        objectSet(name, {
          phases: [
            { name: "deploy", objects: [{ object: configMap(name, { ours: "yes" }), collisionProtection }] },
          ],
        }),
      );
      await available(name);
      const live = await cluster.client.get(refTo(name));
      expect(live["data"]).toEqual({ theirs: "yes", ours: "yes" });
      expect(live.metadata.ownerReferences).toMatchObject([{ kind: "ObjectSet", name, controller: true }]);
    },
  );

  test("what the server refuses is told, for every object", async () => {
    const name = `refused-${randomUUID().slice(0, 8)}`;
    await cluster.create(
      objectSet(name, {
        phases: [
          {
            name: "deploy",
            objects: [
              { object: configMap(`${name}_a`) },
              { object: { apiVersion: "v1", kind: "Namespace", metadata: { name } } },
            ],
          },
        ],
      }),
    );
    const set = await cluster.until(ours("ObjectSet", name, namespace), "refused", (object) =>
      isCurrent(object, "Available", "False"),
    );
    expect(findCondition(set, "Available")).toMatchObject({
      reason: "PreflightError",
      message: `Phase "deploy", Namespace /${name}: Must be namespaced scoped when part of an non-cluster-scoped API.`,
    });
  });

  test("the server's own refusal is a preflight error", async () => {
    const name = `invalid-${randomUUID().slice(0, 8)}`;
    await cluster.create(
      objectSet(name, { phases: [{ name: "deploy", objects: [{ object: configMap(`${name}_a`) }] }] }),
    );
    const set = await cluster.until(ours("ObjectSet", name, namespace), "refused", (object) =>
      isCurrent(object, "Available", "False"),
    );
    expect(findCondition(set, "Available")).toMatchObject({ reason: "PreflightError" });
    expect(messageOf(set, "Available")).toContain(`Phase "deploy", ConfigMap /${name}_a: `);
  });

  test("a refused phase changes nothing of what runs", async () => {
    const name = `rehearsed-${randomUUID().slice(0, 8)}`;
    const phases = (...objects: KubeObject[]) => [
      { name: "deploy", objects: objects.map((object) => ({ object })) },
    ];
    await cluster.create(objectSet(name, { phases: phases(configMap(name, { a: "1" })) }));
    await available(name);
    // Put back means that the operator has seen the object, without which there is nothing to rehearse against.
    await cluster.client.patch(refTo(name), { type: "merge", body: { data: { a: "x" } } });
    await cluster.until(refTo(name), "put back", (object) => (object["data"] as { a: string }).a === "1");
    const next = `${name}-next`;
    await cluster.create(
      objectSet(next, {
        revision: 2,
        previous: [{ name }],
        phases: phases(configMap(name, { a: "2" }), configMap(`${name}-new`), configMap(`${name}_bad`)),
      }),
    );
    const refused = await cluster.until(ours("ObjectSet", next, namespace), "refused", (object) =>
      isCurrent(object, "Available", "False"),
    );
    expect(findCondition(refused, "Available")).toMatchObject({ reason: "PreflightError" });
    expect((await cluster.client.get(refTo(name)))["data"]).toEqual({ a: "1" });
    expect(await cluster.client.find(refTo(`${name}-new`))).toBeUndefined();
  });

  test("deletion takes phases down in reverse order", async () => {
    const name = `teardown-${randomUUID().slice(0, 8)}`;
    const held = (object: KubeObject) => ({
      object: { ...object, metadata: { ...object.metadata, finalizers: ["scenario.example.com/hold"] } },
    });
    await cluster.create(
      objectSet(name, {
        phases: [
          { name: "first", objects: [{ object: configMap(`${name}-a`) }] },
          { name: "second", objects: [held(configMap(`${name}-b`))] },
        ],
      }),
    );
    await available(name);
    await cluster.client.delete(ours("ObjectSet", name, namespace));
    await cluster.until(
      refTo(`${name}-b`),
      "being deleted",
      ({ metadata }) => metadata.deletionTimestamp !== undefined,
    );
    expect((await cluster.client.get(refTo(`${name}-a`))).metadata.deletionTimestamp).toBeUndefined();
    await cluster.client.patch(refTo(`${name}-b`), {
      type: "merge",
      body: { metadata: { finalizers: null } },
    });
    await cluster.untilGone(refTo(`${name}-a`));
    await cluster.untilGone(ours("ObjectSet", name, namespace));
  });

  test("archiving removes the objects and keeps the set", async () => {
    const name = `archive-${randomUUID().slice(0, 8)}`;
    await cluster.create(
      objectSet(name, { phases: [{ name: "deploy", objects: [{ object: configMap(name) }] }] }),
    );
    await available(name);
    const body = { spec: { lifecycleState: "Archived" } };
    await cluster.client.patch(ours("ObjectSet", name, namespace), { type: "merge", body });
    const archived = await cluster.until(ours("ObjectSet", name, namespace), "archived", (object) =>
      isCurrent(object, "Archived", "True"),
    );
    expect(conditionOf(archived, "Available")).toBeUndefined();
    expect(conditionOf(archived, "Succeeded")).toBe("True");
    expect((archived["status"] as { controllerOf?: unknown }).controllerOf).toBeUndefined();
    expect(await cluster.client.find(refTo(name))).toBeUndefined();
  });

  test("a paused set writes nothing", async () => {
    const name = `pause-${randomUUID().slice(0, 8)}`;
    await cluster.create(
      objectSet(name, { phases: [{ name: "deploy", objects: [{ object: configMap(name, { a: "1" }) }] }] }),
    );
    await available(name);
    const ref = ours("ObjectSet", name, namespace);
    await cluster.client.patch(ref, { type: "merge", body: { spec: { lifecycleState: "Paused" } } });
    const paused = await cluster.until(ref, "paused", (object) => isCurrent(object, "Paused", "True"));
    expect(findCondition(paused, "Paused")).toMatchObject({
      reason: "Paused",
      message: "Lifecycle state set to paused.",
    });
    await cluster.client.patch(refTo(name), { type: "merge", body: { data: { a: "2" } } });
    await cluster.client.patch(ref, { type: "merge", body: { spec: { lifecycleState: "Active" } } });
    await cluster.until(ref, "resumed", (object) => conditionOf(object, "Paused") === undefined);
    await cluster.until(refTo(name), "put back", (object) => (object["data"] as { a: string }).a === "1");
  });

  test("success waits for its delay, and comes by itself", async () => {
    const name = `delay-${randomUUID().slice(0, 8)}`;
    await cluster.create(
      objectSet(name, {
        successDelaySeconds: 2,
        phases: [{ name: "deploy", objects: [{ object: configMap(name) }] }],
      }),
    );
    const set = await cluster.until(ours("ObjectSet", name, namespace), "a success", (object) =>
      isCurrent(object, "Succeeded", "True"),
    );
    // The times say it; a busy machine may show the test both conditions at once.
    const timeOf = (type: string) => Date.parse(findCondition(set, type)?.["lastTransitionTime"] as string);
    expect(timeOf("Succeeded") - timeOf("Available")).toBeGreaterThanOrEqual(2000);
  });

  describe("a phase with a class", () => {
    const classed = (name: string) => [
      { name: "local", objects: [{ object: configMap(`${name}-a`) }] },
      {
        name: "remote",
        class: "default",
        objects: [{ object: configMap(`${name}-b`, { ready: "no", wanted: "yes" }) }],
      },
    ];

    test("is rolled out by a phase object", async () => {
      const name = `classed-${randomUUID().slice(0, 8)}`;
      await cluster.create(objectSet(name, { phases: classed(name) }));
      const set = await available(name);
      expect(set["status"]).toMatchObject({
        remotePhases: [{ name: `${name}-remote` }],
        controllerOf: [{ name: `${name}-a` }, { name: `${name}-b` }],
      });
      const phase = await cluster.client.get(ours("ObjectSetPhase", `${name}-remote`, namespace));
      expect(conditionOf(phase, "Available")).toBe("True");
      expect((await cluster.client.get(refTo(`${name}-b`))).metadata.ownerReferences).toMatchObject([
        { kind: "ObjectSetPhase", name: `${name}-remote`, controller: true },
      ]);
      await cluster.client.patch(ours("ObjectSet", name, namespace), {
        type: "merge",
        body: { spec: { lifecycleState: "Paused" } },
      });
      await cluster.until(ours("ObjectSet", name, namespace), "paused", (object) =>
        isCurrent(object, "Paused", "True"),
      );
      await cluster.client.delete(ours("ObjectSet", name, namespace));
      await cluster.untilGone(ours("ObjectSet", name, namespace));
      expect(await cluster.client.find(refTo(`${name}-b`))).toBeUndefined();
      expect(await cluster.client.find(ours("ObjectSetPhase", `${name}-remote`, namespace))).toBeUndefined();
    });

    test("hands its report to the set", async () => {
      const name = `report-${randomUUID().slice(0, 8)}`;
      await cluster.create(
        objectSet(name, { availabilityProbes: [readyProbe], phases: classed(name).slice(1) }),
      );
      const set = await cluster.until(
        ours("ObjectSet", name, namespace),
        "probed",
        (object) =>
          messageOf(object, "Available") !== 'Phase "remote" failed: no status reported' &&
          isCurrent(object, "Available", "False"),
      );
      const message = messageOf(set, "Available");
      expect(message).toContain(`Phase "remote" failed: Phase "${name}-remote"\nComplete: false\n`);
      expect(message).toContain('".data.ready" != ".data.wanted" expected: "no" got: "yes"');
    });
  });
}
