import { expect, test, vi } from "vitest";
import { refOf } from "@package-operator/kube";
import { conditionOf, configMap, findCondition, isCurrent, messageOf, ours } from "./cluster.ts";
import { configMaps, dataOf, fresh, good, useWorld } from "./defects-world.ts";

/** Where deployments of the Go operator went wrong, and the hardest things that happen to a roll-out. */
export function rolloutDefects(kubeconfig: () => string): void {
  const world = useWorld(kubeconfig);
  const bad = { ...good, ready: "no" };

  test("a paused deployment that never succeeded says so", async () => {
    const { cluster, deployment, deploymentRef } = world();
    const name = fresh("failing");
    await cluster.create(deployment(name, [{ objects: configMaps({ [name]: bad }) }]));
    await cluster.until(deploymentRef(name), "failing", (object) =>
      messageOf(object, "Progressing").startsWith("Latest Revision is Unavailable"),
    );
    await cluster.client.patch(deploymentRef(name), { type: "merge", body: { spec: { paused: true } } });
    const paused = await cluster.until(deploymentRef(name), "paused", (object) =>
      isCurrent(object, "Paused", "True"),
    );
    expect((paused["status"] as { controllerOf: unknown[] }).controllerOf).toHaveLength(1);
  });

  test("changes made during a pause become one revision", async () => {
    const { cluster, deployment, deploymentRef, changeTemplate, idle, refTo, setsOf } = world();
    const name = fresh("paused");
    await cluster.create(deployment(name, [{ objects: configMaps({ [name]: good }) }]));
    await idle(name, 1);
    await cluster.client.patch(deploymentRef(name), { type: "merge", body: { spec: { paused: true } } });
    await cluster.until(deploymentRef(name), "paused", (object) => isCurrent(object, "Paused", "True"));
    await changeTemplate(name, [{ objects: configMaps({ [name]: { ...good, more: "one" } }) }]);
    await changeTemplate(name, [{ objects: configMaps({ [name]: { ...good, more: "two" } }) }]);
    expect(dataOf(await cluster.client.get(refTo(name)))).toEqual(good);
    await cluster.client.patch(deploymentRef(name), { type: "merge", body: { spec: { paused: false } } });
    await idle(name, 2);
    expect(dataOf(await cluster.client.get(refTo(name)))).toEqual({ ...good, more: "two" });
    expect(await setsOf(name)).toHaveLength(2);
  });

  test.each([undefined, "default"])(
    "a template that changes all the time ends as its last version (phase class %s)",
    async (phaseClass) => {
      const { cluster, deployment, deploymentRef, changeTemplate, refTo, setsOf } = world();
      const name = fresh("busy");
      const phases = (value: number) =>
        [0, 1].map((phase) => ({
          name: `phase-${phase}`,
          ...(phaseClass ? { class: phaseClass } : {}),
          // Objects move between the phases from version to version.
          objects: [0, 1, 2].map((index) =>
            configMap(`${name}-${(index + phase * 3 + value) % 6}`, { ...good, value: String(value) }),
          ),
        }));
      await cluster.create(deployment(name, phases(0)));
      for (let value = 1; value <= 8; value++) await changeTemplate(name, phases(value));
      await cluster.until(
        deploymentRef(name),
        "settled",
        (object) => isCurrent(object, "Available", "True") && isCurrent(object, "Progressing", "False"),
      );
      const sets = await setsOf(name);
      const newest = sets.at(-1)!;
      for (const older of sets.slice(0, -1)) {
        await cluster.until(refOf(older), "archived", (object) => isCurrent(object, "Archived", "True"));
      }
      for (let index = 0; index < 6; index++) {
        const live = await cluster.client.get(refTo(`${name}-${index}`));
        expect(dataOf(live)).toEqual({ ...good, value: "8" });
        const owner = live.metadata.ownerReferences?.find(({ controller }) => controller);
        expect(owner?.name.startsWith(newest.metadata.name ?? "?")).toBe(true);
      }
    },
  );

  test("a failed revision with objects in slices stays until its successor has them", async () => {
    const { cluster, namespace, deployment, changeTemplate, idle, refTo } = world();
    const name = fresh("sliced");
    const slice = (suffix: string, data: Record<string, string>) => ({
      ...ours("ObjectSlice", `${name}-${suffix}`),
      metadata: { name: `${name}-${suffix}`, namespace },
      objects: [{ object: configMap(name, data) }] as never,
    });
    await cluster.create(slice("one", good), slice("two", bad), slice("three", { ...good, three: "3" }));
    await cluster.create(deployment(name, [{ slices: [`${name}-one`] }]));
    await idle(name, 1);
    const { uid } = (await cluster.client.get(refTo(name))).metadata;
    await changeTemplate(name, [{ slices: [`${name}-two`] }]);
    await cluster.until(refTo(name), "taken", (object) => dataOf(object)["ready"] === "no");
    await changeTemplate(name, [{ slices: [`${name}-three`] }]);
    await idle(name, 3);
    const live = await cluster.client.get(refTo(name));
    expect(dataOf(live)).toEqual({ ...good, three: "3" });
    expect(live.metadata.uid).toBe(uid);
  });

  test("a probe that flaps is followed, and success stays", async () => {
    const { cluster, namespace, set, refTo, setRef } = world();
    const name = fresh("flap");
    const probe = {
      selector: { kind: { group: "", kind: "ConfigMap" } },
      probes: [{ cel: { rule: "!has(self.data.broken)", message: "broken" } }],
    };
    await cluster.create(
      set(name, [{ objects: configMaps({ [name]: good }) }], { availabilityProbes: [probe] }),
    );
    const is = (status: string) =>
      cluster.until(setRef(name), status, (object) => isCurrent(object, "Available", status));
    await is("True");
    for (let round = 0; round < 3; round++) {
      await cluster.client.patch(refTo(name), { type: "merge", body: { data: { broken: "yes" } } });
      const failing = await is("False");
      expect(messageOf(failing, "Available")).toBe(
        `Phase "deploy" failed:  ConfigMap ${namespace}/${name}: broken`,
      );
      await cluster.client.patch(refTo(name), { type: "merge", body: { data: { broken: null } } });
      expect(conditionOf(await is("True"), "Succeeded")).toBe("True");
    }
  });

  test("a deployment deleted in the middle of a roll-out leaves nothing", async () => {
    const { cluster, deployment, deploymentRef, changeTemplate, idle, refTo, setsOf } = world();
    const name = fresh("gone");
    const phases = (value: string, second: Record<string, string>) => [
      { name: "first", objects: configMaps({ [`${name}-a`]: { ...good, value } }) },
      { name: "second", objects: configMaps({ [`${name}-b`]: second }) },
      { name: "third", objects: configMaps({ [`${name}-c`]: { ...good, value } }) },
    ];
    await cluster.create(deployment(name, phases("one", good)));
    await idle(name, 1);
    await changeTemplate(name, phases("two", bad));
    await cluster.until(deploymentRef(name), "in the middle", (object) =>
      messageOf(object, "Progressing").includes('Phase "second" failed'),
    );
    await cluster.client.delete(deploymentRef(name), { propagation: "Background" });
    await Promise.all((await setsOf(name)).map((set) => cluster.untilGone(refOf(set))));
    for (const suffix of ["a", "b", "c"]) await cluster.untilGone(refTo(`${name}-${suffix}`));
    expect(await setsOf(name)).toEqual([]);
  });

  test("a collision ends when the stranger lets go", async () => {
    const { cluster, namespace, deployment, deploymentRef, idle, refTo } = world();
    const name = fresh("stranger");
    await cluster.create({ ...configMap(name, { theirs: "yes" }), metadata: { name, namespace } });
    await cluster.create(deployment(name, [{ objects: configMaps({ [name]: good }) }]));
    const refused = await cluster.until(deploymentRef(name), "refused", (object) =>
      messageOf(object, "Progressing").includes("refusing adoption"),
    );
    expect(findCondition(refused, "Available")).toMatchObject({ reason: "ObjectSetUnready" });
    expect(dataOf(await cluster.client.get(refTo(name)))).toEqual({ theirs: "yes" });
    await cluster.client.delete(refTo(name));
    // Nobody tells the operator; it would look again after half a minute, or after a change.
    const pause = (paused: boolean) =>
      cluster.client.patch(deploymentRef(name), { type: "merge", body: { spec: { paused } } });
    await pause(true);
    await cluster.until(deploymentRef(name), "paused", (object) => isCurrent(object, "Paused", "True"));
    await pause(false);
    await cluster.until(refTo(name), "ours", (object) => dataOf(object)["ready"] === "yes");
    await idle(name, 1);
  });

  test("a rollback is a new revision of the old template, which takes the same objects back", async () => {
    const { cluster, deployment, changeTemplate, idle, refTo, setsOf } = world();
    const name = fresh("rollback");
    const versions = [
      { [`${name}-a`]: { ...good, value: "one" }, [`${name}-b`]: good },
      { [`${name}-a`]: { ...good, value: "two" }, [`${name}-c`]: good },
    ] as const;
    const phases = (version: 0 | 1) => [{ objects: configMaps(versions[version]) }];
    await cluster.create(deployment(name, phases(0)));
    await idle(name, 1);
    const { uid } = (await cluster.client.get(refTo(`${name}-a`))).metadata;
    await changeTemplate(name, phases(1));
    await idle(name, 2);
    await changeTemplate(name, phases(0));
    const done = await idle(name, 3);
    expect(done["status"]).toMatchObject({ collisionCount: 1 });
    const live = await cluster.client.get(refTo(`${name}-a`));
    expect([live.metadata.uid, dataOf(live)["value"]]).toEqual([uid, "one"]);
    expect(dataOf(await cluster.client.get(refTo(`${name}-b`)))).toEqual(good);
    const sets = await setsOf(name);
    expect(sets).toHaveLength(3);
    for (const old of sets.slice(0, 2)) {
      await cluster.until(refOf(old), "archived", (object) => isCurrent(object, "Archived", "True"));
    }
    expect(await cluster.client.find(refTo(`${name}-c`))).toBeUndefined();
  });

  test("a finalizer that hangs holds up the end of the old revision, not the new one", async () => {
    const { cluster, deployment, deploymentRef, changeTemplate, idle, refTo, setsOf } = world();
    const name = fresh("hanging");
    const held = configMap(`${name}-held`, good);
    held.metadata.finalizers = ["scenario.example.com/hold"];
    await cluster.create(deployment(name, [{ objects: [configMap(name, good), held] }]));
    await idle(name, 1);
    await changeTemplate(name, [{ objects: configMaps({ [name]: { ...good, value: "two" } }) }]);
    await idle(name, 2);
    const [old] = await setsOf(name);
    const waiting = await cluster.until(
      refOf(old!),
      "held up",
      (object) => conditionOf(object, "Archived") === "False",
    );
    expect(findCondition(waiting, "Archived")).toMatchObject({ reason: "ArchivalInProgress" });
    // The deployment goes on while it hangs, and can be deleted.
    await changeTemplate(name, [{ objects: configMaps({ [name]: { ...good, value: "three" } }) }]);
    await idle(name, 3);
    await cluster.client.delete(deploymentRef(name), { propagation: "Background" });
    await cluster.untilGone(refTo(name));
    expect((await cluster.client.get(refTo(`${name}-held`))).metadata.deletionTimestamp).toBeDefined();
    const body = { metadata: { finalizers: null } };
    await cluster.client.patch(refTo(`${name}-held`), { type: "merge", body });
    await cluster.untilGone(refOf(old!));
    await vi.waitUntil(async () => (await setsOf(name)).length === 0, { timeout: 60_000 });
  });
}
