import { expect, test } from "vitest";
import { conditionOf, configMap, findCondition, isCurrent, messageOf, ours, untilServed } from "./cluster.ts";
import { configMaps, dataOf, fresh, good, readyProbe, useWorld } from "./defects-world.ts";

/** Where sets and phases of the Go operator went wrong, on any cluster. */
export function objectSetDefects(kubeconfig: () => string): void {
  const world = useWorld(kubeconfig);
  const blocked = (name: string, reason: string) =>
    world().cluster.until(
      world().setRef(name),
      `blocked by ${reason}`,
      (object) => findCondition(object, "Available")?.["reason"] === reason,
    );
  const available = (name: string) =>
    world().cluster.until(world().setRef(name), "available", (object) =>
      isCurrent(object, "Available", "True"),
    );

  /** Installs the kind Thing in a group of its own. */
  async function installThings(group: string): Promise<{ apiVersion: string; kind: string }> {
    const crd = thingCrd(group, {});
    await world().cluster.create(crd);
    await world().cluster.until(
      { ...crd, name: crd.metadata.name },
      "established",
      (object) => conditionOf(object, "Established") === "True",
    );
    const kind = { apiVersion: `${group}.example.com/v1`, kind: "Thing" };
    await untilServed(world().cluster.client, kind);
    return kind;
  }

  test.each([undefined, "default"])(
    "a namespace in the manifest does not let a cluster-scoped object escape (phase class %s)",
    async (phaseClass) => {
      const { cluster, namespace, set } = world();
      const name = fresh("escape");
      const role = {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name, namespace },
        rules: [],
      };
      const phase = { ...(phaseClass ? { class: phaseClass } : {}), objects: [role] };
      await cluster.create(set(name, [phase]));
      const refused = await cluster.until(
        world().setRef(name),
        "refused",
        (object) =>
          isCurrent(object, "Available", "False") && messageOf(object, "Available").includes("Must be"),
      );
      expect(messageOf(refused, "Available")).toContain(
        "Must be namespaced scoped when part of an non-cluster-scoped API.",
      );
      const ref = { apiVersion: role.apiVersion, kind: role.kind, name };
      expect(await cluster.client.find(ref)).toBeUndefined();
    },
  );

  test("an object in another namespace is refused", async () => {
    const { cluster, set } = world();
    const name = fresh("foreign");
    await cluster.create(set(name, [{ objects: [configMap(name, {}, "default")] }]));
    const refused = await blocked(name, "PreflightError");
    expect(messageOf(refused, "Available")).toBe(
      `Phase "deploy", ConfigMap default/${name}: Must stay within the same namespace.`,
    );
  });

  test("a rule that does not compile is told", async () => {
    const { cluster, set } = world();
    const name = fresh("rule");
    const probe = { ...readyProbe, probes: [{ cel: { rule: "self.data.ready", message: "no" } }] };
    await cluster.create(
      set(name, [{ objects: configMaps({ [name]: good }) }], { availabilityProbes: [probe] }),
    );
    const refused = await blocked(name, "PreflightError");
    expect(messageOf(refused, "Available")).toContain("parsing probe #0");
    expect(await cluster.client.find(world().refTo(name))).toBeUndefined();
  });

  test("leftovers of a stranger with a higher revision are a collision", async () => {
    const { cluster, namespace, set } = world();
    const name = fresh("leftover");
    const annotations = { "package-operator.run/revision": "7" };
    await cluster.create({ ...configMap(name, {}), metadata: { name, namespace, annotations } });
    await cluster.create(set(name, [{ objects: configMaps({ [name]: good }) }]));
    const refused = await blocked(name, "CollisionDetected");
    expect(messageOf(refused, "Available")).toContain("not owned by previous revision");
  });

  test("violations of a phase with a class are told, and it adds no label of its own", async () => {
    const { cluster, namespace, set } = world();
    const name = fresh("classed");
    const bad = { class: "default", objects: configMaps({ [`${name}_bad`]: {} }) };
    await cluster.create(
      set(`${name}-bad`, [bad]),
      set(name, [{ class: "default", objects: configMaps({ [name]: good }) }]),
    );
    const phase = await cluster.until(
      ours("ObjectSetPhase", `${name}-bad-deploy`, namespace),
      "refused",
      (object) => findCondition(object, "Available")?.["reason"] === "PreflightError",
    );
    expect(messageOf(phase, "Available")).toContain(`${name}_bad`);
    await available(name);
    const { labels } = (await cluster.client.get(world().refTo(name))).metadata;
    expect(labels).toEqual({ "package-operator.run/cache": "True" });
  });

  test.each([undefined, "default"])(
    "an object without the cache label is taken down all the same (phase class %s)",
    async (phaseClass) => {
      const { cluster, set, refTo, setRef } = world();
      const name = fresh("unlabelled");
      const phase = { ...(phaseClass ? { class: phaseClass } : {}), objects: configMaps({ [name]: good }) };
      await cluster.create(set(name, [phase]));
      await available(name);
      await cluster.client.patch(setRef(name), {
        type: "merge",
        body: { spec: { lifecycleState: "Paused" } },
      });
      await cluster.until(setRef(name), "paused", (object) => isCurrent(object, "Paused", "True"));
      const labels = { "package-operator.run/cache": null };
      await cluster.client.patch(refTo(name), { type: "merge", body: { metadata: { labels } } });
      await cluster.client.delete(setRef(name));
      await cluster.untilGone(setRef(name));
      expect(await cluster.client.find(refTo(name))).toBeUndefined();
    },
  );

  test("a phase deletes only what it controls", async () => {
    const { cluster, set, refTo, setRef } = world();
    const name = fresh("released");
    await cluster.create(set(name, [{ class: "default", objects: configMaps({ [name]: good }) }]));
    await available(name);
    await cluster.client.patch(setRef(name), {
      type: "merge",
      body: { spec: { lifecycleState: "Paused" } },
    });
    await cluster.until(setRef(name), "paused", (object) => isCurrent(object, "Paused", "True"));
    const live = await cluster.client.get(refTo(name));
    const ownerReferences = (live.metadata.ownerReferences ?? []).map((owner) => ({
      ...owner,
      controller: false,
    }));
    await cluster.client.patch(refTo(name), {
      type: "merge",
      body: { metadata: { ownerReferences: ownerReferences as never } },
    });
    await cluster.client.delete(setRef(name));
    await cluster.untilGone(setRef(name));
    const kept = await cluster.client.get(refTo(name));
    expect(kept.metadata.ownerReferences).toBeUndefined();
    await cluster.client.delete(refTo(name));
  });

  test("an archived set can be deleted, and its objects stay gone", async () => {
    const { cluster, set, refTo, setRef } = world();
    const name = fresh("archived");
    await cluster.create(set(name, [{ objects: configMaps({ [name]: good }) }]));
    await available(name);
    await cluster.client.patch(setRef(name), {
      type: "merge",
      body: { spec: { lifecycleState: "Archived" } },
    });
    await cluster.until(setRef(name), "archived", (object) => isCurrent(object, "Archived", "True"));
    await cluster.client.delete(setRef(name));
    await cluster.untilGone(setRef(name));
    expect(await cluster.client.find(refTo(name))).toBeUndefined();
  });

  test("objects in slices are taken down in reverse order when a set is archived", async () => {
    const { cluster, namespace, set, refTo, setRef } = world();
    const name = fresh("sliced");
    const held = configMap(`${name}-b`, good);
    held.metadata.finalizers = ["scenario.example.com/hold"];
    const slice = (suffix: string, object: typeof held) => ({
      ...ours("ObjectSlice", `${name}-${suffix}`),
      metadata: { name: `${name}-${suffix}`, namespace },
      objects: [{ object }] as never,
    });
    await cluster.create(
      slice("first", configMap(`${name}-a`, good)),
      slice("second", held),
      set(name, [
        { name: "first", slices: [`${name}-first`] },
        { name: "second", slices: [`${name}-second`] },
      ]),
    );
    await available(name);
    await cluster.client.patch(setRef(name), {
      type: "merge",
      body: { spec: { lifecycleState: "Archived" } },
    });
    const going = await cluster.until(
      refTo(`${name}-b`),
      "going",
      ({ metadata }) => metadata.deletionTimestamp !== undefined,
    );
    // A finalizer that hangs holds the archival up, and says so.
    const waiting = await cluster.until(
      setRef(name),
      "waiting",
      (object) => conditionOf(object, "Archived") === "False",
    );
    expect(findCondition(waiting, "Archived")).toMatchObject({ reason: "ArchivalInProgress" });
    expect((await cluster.client.get(refTo(`${name}-a`))).metadata.deletionTimestamp).toBeUndefined();
    await cluster.client.patch(
      { ...going, name: `${name}-b`, namespace },
      { type: "merge", body: { metadata: { finalizers: null } } },
    );
    await cluster.until(setRef(name), "archived", (object) => isCurrent(object, "Archived", "True"));
    expect(await cluster.client.find(refTo(`${name}-a`))).toBeUndefined();
  });

  test("an object that would be refused today is taken down", async () => {
    const { cluster, namespace, set, setRef } = world();
    const name = fresh("refused");
    const ref = await installThings(name);
    const thing = { apiVersion: ref.apiVersion, kind: "Thing", metadata: { name }, spec: {} };
    await cluster.create(set(name, [{ objects: [thing] }]));
    await available(name);
    const strict = thingCrd(name, { required: ["color"] });
    const { metadata } = await cluster.client.get({ ...strict, name: strict.metadata.name });
    await cluster.client.update({
      ...strict,
      metadata: { ...strict.metadata, resourceVersion: metadata.resourceVersion ?? "" },
    });
    await cluster.client.delete(setRef(name));
    await cluster.untilGone(setRef(name));
    expect(await cluster.client.find({ ...ref, name, namespace })).toBeUndefined();
  });

  test("mapped conditions keep their time of transition", async () => {
    const { cluster, namespace, set, setRef } = world();
    const name = fresh("mapped");
    const type = "my.example.com/Ready";
    const ref = await installThings(name);
    const thing = { apiVersion: ref.apiVersion, kind: "Thing", metadata: { name } };
    const conditionMappings = [{ sourceType: "Ready", destinationType: type }];
    await cluster.create(set(name, [{ objects: [{ object: thing, conditionMappings }] }]));
    await available(name);
    const report = async (message: string) => {
      const condition = { type: "Ready", status: "True", reason: "Fine", message };
      const body = { status: { conditions: [condition] } };
      await cluster.client.patch(
        { ...ref, name, namespace },
        { type: "merge", body },
        { subresource: "status" },
      );
      const shown = await cluster.until(
        setRef(name),
        "mapped",
        (object) => messageOf(object, type) === message,
      );
      return findCondition(shown, type)?.["lastTransitionTime"] as string;
    };
    const first = await report("0");
    // Times have whole seconds, so the same one means something only when some seconds have passed.
    for (let round = 1; Date.now() < Date.parse(first) + 2000; round++) {
      expect(await report(String(round))).toBe(first);
    }
    expect(await report("last")).toBe(first);
  });

  test("a template shows what its object says of its own generation, as far as it is complete", async () => {
    const { cluster, namespace } = world();
    const name = fresh("template");
    const ref = { ...(await installThings(name)), name, namespace };
    const templateRef = ours("ObjectTemplate", name, namespace);
    const template = `apiVersion: ${ref.apiVersion}\nkind: Thing\nmetadata: {name: ${name}}\nspec: {color: red}\n`;
    await cluster.create({
      ...ours("ObjectTemplate", name),
      metadata: { name, namespace },
      spec: { template, sources: [] },
    });
    await cluster.until(ref, "made", () => true);
    await cluster.client.patch(ref, { type: "merge", body: { spec: { color: "blue" } } });
    const { metadata } = await cluster.until(
      ref,
      "put back",
      (object) => (object["spec"] as { color: string }).color === "red" && object.metadata.generation! > 1,
    );
    const observedGeneration = metadata.generation!;
    const conditions = [
      { type: "Incomplete", status: "True", observedGeneration },
      { type: "Ready", status: "True", reason: "Fine", message: "all well", observedGeneration },
    ];
    const body = { status: { observedGeneration, conditions } };
    await cluster.client.patch(ref, { type: "merge", body }, { subresource: "status" });
    const shown = await cluster.until(
      templateRef,
      "showing it",
      (object) => conditionOf(object, "Ready") === "True",
    );
    expect(findCondition(shown, "Ready")).toMatchObject({ reason: "Fine", observedGeneration: 1 });
    expect(conditionOf(shown, "Incomplete")).toBeUndefined();
  });

  test("an object deleted by hand comes back, and a fight over a field ends the way the set has it", async () => {
    const { cluster, set, refTo, setRef } = world();
    const name = fresh("fight");
    await cluster.create(set(name, [{ objects: configMaps({ [name]: good }) }]));
    await available(name);
    await cluster.client.delete(refTo(name));
    await cluster.until(refTo(name), "back", (object) => dataOf(object)["ready"] === "yes");
    let theirs = "";
    for (let round = 0; round < 20; round++) {
      const body = { data: { ready: `no-${round}`, theirs: `${round}` } };
      // The server gives up a patch that finds the object changed five times.
      await cluster.client.patch(refTo(name), { type: "merge", body }).then(
        () => (theirs = `${round}`),
        () => undefined,
      );
    }
    const settled = await cluster.until(refTo(name), "ours", (object) => dataOf(object)["ready"] === "yes");
    expect(dataOf(settled)).toMatchObject({ ...good, theirs });
    expect(conditionOf(await cluster.client.get(setRef(name)), "Succeeded")).toBe("True");
  });
}

function thingCrd(group: string, schema: Record<string, unknown>) {
  const spec = { type: "object", properties: { color: { type: "string" } }, ...schema };
  const status = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `things.${group}.example.com` },
    spec: {
      group: `${group}.example.com`,
      scope: "Namespaced",
      names: { plural: "things", singular: "thing", kind: "Thing", listKind: "ThingList" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: "object", properties: { spec, status } } },
        },
      ],
    } as never,
  };
}
