import { buildImage, buildIndex, createLayer, writeImage } from "@package-operator/oci";
import { afterEach, beforeEach, expect, test } from "vitest";
import { applyPlan } from "./apply.ts";
import { checkMirror } from "./check-mirror.ts";
import { type Closure, computeClosure } from "./closure.ts";
import { lockOf } from "./lock.ts";
import { planMirror } from "./plan.ts";
import { selectPlatforms } from "./platform-subset.ts";
import { startRegistries, type TestRegistries } from "./testing/registry.ts";

let registries: TestRegistries;
let closure: Closure;
const open: TestRegistries["client"]["repository"] = (registry, name) =>
  registries.client.repository(registry, name);
const reference = "quay.io/org/app:v1";
beforeEach(async () => {
  registries = await startRegistries();
  const { repository } = registries.client.image(reference);
  const children = [];
  for (const architecture of ["amd64", "arm64"]) {
    const platform = { os: "linux", architecture };
    const layer = await createLayer([{ path: "file", content: Buffer.from(architecture) }]);
    const image = buildImage({ layers: [layer], platform });
    await writeImage(repository, image);
    children.push({ ...image.manifest.descriptor, platform });
  }
  await repository.writeManifest("v1", buildIndex(children, { annotations: { "org.example": "kept" } }));
  closure = await computeClosure(
    { requests: [{ reference, isPackage: false, reason: { kind: "source", in: reference } }] },
    { open },
  );
});
afterEach(() => registries.close());

test("fewer platforms are refused unless the new digest is accepted, and the reason is said", async () => {
  const attempt = selectPlatforms(closure, { platforms: ["linux/arm64"], open });
  await expect(attempt).rejects.toThrow(expect.objectContaining({ code: "plan" }));
  await expect(attempt).rejects.toThrow(closure.images[0]!.digest);
  await expect(attempt).rejects.toThrow("--allow-new-index");
});

test("the new index holds the wanted platforms and everything else of the old one", async () => {
  const narrowed = await selectPlatforms(closure, { platforms: ["linux/arm64"], open, allowNewIndex: true });
  expect(narrowed.images[0]).toMatchObject({ platforms: ["linux/arm64"], references: [reference] });
  expect(narrowed.images[0]!.digest).not.toBe(closure.images[0]!.digest);
  expect(narrowed.warnings).toEqual([expect.stringMatching(/becomes sha256:.* will not find it/)]);
  const rules = [{ from: "quay.io/org/", to: `${registries.mirror}/m/` }];
  const plan = await planMirror(narrowed, { rules, openTarget: open });
  const [applied] = await applyPlan(plan, { openSource: open, openTarget: open });
  expect(applied?.error).toBeUndefined();
  expect(await checkMirror(lockOf(plan), { open })).toEqual(lockOf(plan).images.map((image) => ({ image })));
  const stored = await open(registries.mirror, "m/app").manifest("v1");
  const index = JSON.parse(Buffer.from(stored.bytes).toString("utf8")) as {
    manifests: unknown[];
    annotations: unknown;
  };
  expect(index.manifests).toMatchObject([{ platform: { architecture: "arm64" } }]);
  expect(index.annotations).toEqual({ "org.example": "kept" });
});

test("an index that has nothing else stays as it is, one that has nothing of it is refused", async () => {
  const same = await selectPlatforms(closure, { platforms: ["linux/arm64", "linux/amd64"], open });
  expect(same.images).toEqual(closure.images);
  await expect(
    selectPlatforms(closure, { platforms: ["linux/s390x"], open, allowNewIndex: true }),
  ).rejects.toThrow("has none of linux/s390x, only linux/amd64, linux/arm64");
});

test("a plan whose new index cannot be made again is an error, not another index", async () => {
  const narrowed = await selectPlatforms(closure, { platforms: ["linux/arm64"], open, allowNewIndex: true });
  const rules = [{ from: "quay.io/org/", to: `${registries.mirror}/m/` }];
  const plan = await planMirror(narrowed, { rules, openTarget: open });
  const [entry] = plan.entries;
  const changed = { ...entry!, subset: { ...entry!.subset!, platforms: ["linux/amd64"] } };
  const [applied] = await applyPlan({ ...plan, entries: [changed] }, { openSource: open, openTarget: open });
  expect(applied?.error?.message).toContain(`not ${entry!.digest}`);
});
