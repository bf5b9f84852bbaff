import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applyPlan, type AppliedEntry } from "./apply.ts";
import { checkMirror } from "./check-mirror.ts";
import { computeClosure, type Closure, type ImageRequest } from "./closure.ts";
import { lockOf } from "./lock.ts";
import { type MirrorPlan, planMirror } from "./plan.ts";
import {
  imageWith,
  lockText,
  manifestText,
  packageOf,
  startRegistries,
  type TestRegistries,
} from "./testing/registry.ts";

let registries: TestRegistries;
beforeEach(async () => {
  registries = await startRegistries();
});
afterEach(() => registries.close());

const open: TestRegistries["client"]["repository"] = (registry, name) =>
  registries.client.repository(registry, name);
const wanted = (reference: string, isPackage = true): ImageRequest => ({
  reference,
  isPackage,
  reason: { kind: "source", in: reference },
});
const closureOf = (...references: string[]): Promise<Closure> =>
  computeClosure({ requests: references.map((reference) => wanted(reference)) }, { open });
const plan = (closure: Closure, from = "quay.io/org/"): Promise<MirrorPlan> =>
  planMirror(closure, { rules: [{ from, to: `${registries.mirror}/m/` }], openTarget: open });
const apply = (one: MirrorPlan): Promise<readonly AppliedEntry[]> =>
  applyPlan(one, { openSource: open, openTarget: open });

/** A package with a component, a dependency, and a package that it installs. */
async function pushFamily(): Promise<Record<string, string>> {
  const web = await registries.push("quay.io/org/web:v1", await imageWith("web"));
  const side = await registries.push("quay.io/org/side:v1", await imageWith("side"));
  const leaf = await registries.push(
    "quay.io/org/leaf-package:v1",
    await packageOf({ "manifest.yaml": manifestText("leaf") }),
  );
  const child = await registries.push(
    "quay.io/org/child-package:v1",
    await packageOf({
      "manifest.yaml": manifestText("child"),
      // It installs itself again: cycles are legal.
      "loop.yaml.gotmpl":
        'apiVersion: package-operator.run/v1alpha1\nkind: Package\nmetadata:\n  name: again\n  annotations: {package-operator.run/phase: deploy}\nspec:\n  image: "{{ .package.image }}"\n',
    }),
  );
  const root = await registries.push(
    "quay.io/org/root-package:v1",
    await packageOf({
      "manifest.yaml": manifestText("root", { images: { web: "quay.io/org/web:v1" }, multi: true }),
      "manifest.lock.yaml": lockText(
        [["web", "quay.io/org/web:v1", web]],
        [["leaf", "quay.io/org/leaf-package:v1", leaf.slice(7)]],
      ),
      "child.yaml":
        "apiVersion: package-operator.run/v1alpha1\nkind: ClusterPackage\nmetadata:\n  name: child\n  annotations: {package-operator.run/phase: deploy}\nspec: {image: quay.io/org/child-package:v1}\n",
      "components/extra/manifest.yaml": manifestText("extra", { images: { side: "quay.io/org/side:v1" } }),
      "components/extra/manifest.lock.yaml": lockText([["side", "quay.io/org/side:v1", side]]),
    }),
  );
  return { web, side, leaf, child, root };
}

describe("closure", () => {
  test("root, components, dependencies and installed packages, each with its reasons", async () => {
    const digests = await pushFamily();
    const { images, warnings } = await closureOf("quay.io/org/root-package:v1");
    expect(Object.fromEntries(images.map(({ repository, digest }) => [repository, digest]))).toEqual({
      "org/root-package": digests["root"],
      "org/web": digests["web"],
      "org/side": digests["side"],
      "org/leaf-package": digests["leaf"],
      "org/child-package": digests["child"],
    });
    expect(images.find(({ repository }) => repository === "org/side")?.reasons).toEqual([
      { kind: "lock", in: "quay.io/org/root-package:v1", component: "extra", name: "side" },
    ]);
    expect(warnings).toEqual([]);
  });

  test("a tag that moved since the lock is reported, and the locked image is taken", async () => {
    const locked = await registries.push("quay.io/org/web:v1", await imageWith("locked"));
    await registries.push(
      "quay.io/org/app-package:v1",
      await packageOf({
        "manifest.yaml": manifestText("app", { images: { web: "quay.io/org/web:v1" } }),
        "manifest.lock.yaml": lockText([["web", "quay.io/org/web:v1", locked]]),
      }),
    );
    await registries.push("quay.io/org/web:v1", await imageWith("moved"));
    const { images, warnings } = await closureOf("quay.io/org/app-package:v1");
    expect(images.find(({ repository }) => repository === "org/web")?.digest).toBe(locked);
    expect(warnings).toEqual([expect.stringContaining("quay.io/org/web:v1 has moved since it was locked")]);
  });

  test.each([
    ["quay.io/org/nothing:v1", "quay.io/org/nothing:v1"],
    ["quay.io/org/image:v1", "quay.io/org/image:v1 is not a package"],
    [
      "quay.io/org/broken-package:v1",
      `quay.io/org/gone:v1 (locked at sha256:${"0".repeat(64)}), needed by quay.io/org/broken-package:v1`,
    ],
    ["quay.io/org/unlocked-package:v1", "run `kubectl package update` first"],
  ])("%s is an error that names it", async (reference, part) => {
    const layer = { "manifest.yaml": manifestText("x", { images: { gone: "quay.io/org/gone:v1" } }) };
    await registries.push("quay.io/org/image:v1", await packageOf({ "readme.md": "no manifest" }));
    await registries.push("quay.io/org/unlocked-package:v1", await packageOf(layer));
    await registries.push(
      "quay.io/org/broken-package:v1",
      await packageOf({
        ...layer,
        "manifest.lock.yaml": lockText([["gone", "quay.io/org/gone:v1", `sha256:${"0".repeat(64)}`]]),
      }),
    );
    await expect(closureOf(reference)).rejects.toThrow(
      expect.objectContaining({ name: "MirrorError", code: "source" }),
    );
    await expect(closureOf(reference)).rejects.toThrow(part);
  });
});

describe("plan and apply", () => {
  test("everything lands in the mirror, by digest and by the tags that are asked for", async () => {
    const digests = await pushFamily();
    const first = await plan(await closureOf("quay.io/org/root-package:v1"));
    expect(new Set(first.entries.map(({ action }) => action))).toEqual(new Set(["copy"]));
    expect(first.bytesToMove).toBeGreaterThan(0);
    const applied = await apply(first);
    expect(applied.map(({ error }) => error)).toEqual(applied.map(() => undefined));
    const { repository } = registries.client.image(`${registries.mirror}/m/web:v1`);
    expect((await repository.resolve("v1"))?.digest).toBe(digests["web"]);
    expect(await checkMirror(lockOf(first), { open })).toEqual(
      lockOf(first).images.map((image) => ({ image })),
    );
  });

  test("a second run finds everything there and asks the source for nothing", async () => {
    await pushFamily();
    const closure = await closureOf("quay.io/org/root-package:v1");
    await apply(await plan(closure));
    registries.sourceRequests();
    const again = await plan(closure);
    expect(again.entries.map(({ action }) => action)).toEqual(again.entries.map(() => "present"));
    expect(again.bytesToMove).toBe(0);
    const results = await apply(again);
    expect(results.map(({ result }) => result?.outcome)).toEqual(results.map(() => "present"));
    expect(registries.sourceRequests()).toBe(0);
  });

  test("a lock is a source, and the mirror a source for the next mirror", async () => {
    await pushFamily();
    const one = await plan(await closureOf("quay.io/org/root-package:v1"));
    await apply(one);
    const { readSource } = await import("./read-source.ts");
    const { formatMirrorLock } = await import("./lock.ts");
    const roots = await readSource("-", {
      cwd: "/",
      readStdin: () => Promise.resolve(formatMirrorLock(lockOf(one))),
    });
    const closure = await computeClosure(roots, { open });
    expect(closure.images.map(({ digest }) => digest).toSorted()).toEqual(
      one.entries.map(({ digest }) => digest).toSorted(),
    );
  });

  test.each([
    ["no rule", { from: "ghcr.io/", to: "m.io/" }, "no rule moves quay.io/org/web:v1"],
    ["upper case", { from: "quay.io/org/", to: "m.io/UP/" }, "no valid image reference"],
    ["onto itself", { from: "quay.io/org/", to: "quay.io/org/" }, "would be copied onto itself"],
  ])("a plan with %s is refused", async (_name, rule, part) => {
    await registries.push("quay.io/org/web:v1", await imageWith("web"));
    const closure = await computeClosure({ requests: [wanted("quay.io/org/web:v1", false)] }, { open });
    const attempt = planMirror(closure, { rules: [rule], openTarget: open });
    await expect(attempt).rejects.toThrow(expect.objectContaining({ code: "plan" }));
    await expect(attempt).rejects.toThrow(part);
  });

  test("two sources on one target are refused", async () => {
    await registries.push("quay.io/org/web:v1", await imageWith("a"));
    await registries.push("ghcr.io/org/web:v1", await imageWith("b"));
    const requests = [wanted("quay.io/org/web:v1", false), wanted("ghcr.io/org/web:v1", false)];
    const closure = await computeClosure({ requests }, { open });
    const rules = [
      { from: "quay.io/org/", to: `${registries.mirror}/m/` },
      { from: "ghcr.io/org/", to: `${registries.mirror}/m/` },
    ];
    await expect(planMirror(closure, { rules, openTarget: open })).rejects.toThrow(
      "quay.io/org/web and ghcr.io/org/web would both become",
    );
  });

  test("one image that cannot be copied is a result; the others are copied", async () => {
    await registries.push("quay.io/org/web:v1", await imageWith("web"));
    const closure = await computeClosure({ requests: [wanted("quay.io/org/web:v1", false)] }, { open });
    const one = await plan(closure);
    const missing = {
      ...one.entries[0]!,
      source: "quay.io/org/none",
      digest: `sha256:${"1".repeat(64)}`,
      references: ["quay.io/org/none:v1"],
    };
    const applied = await apply({ ...one, entries: [missing, ...one.entries] });
    expect(applied[0]?.error).toMatchObject({ code: "copy", subject: "quay.io/org/none" });
    expect(applied[0]?.error?.message).toContain("quay.io/org/none:v1: copying quay.io/org/none@");
    expect(applied[1]?.result?.outcome).toBe("copied");
  });
});
