import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createRegistryServer, layoutStorage, openLayoutArchive } from "@package-operator/oci";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applyPlan } from "./apply.ts";
import { archiveRoots, openArchive, openServableArchive, writeArchive } from "./archive.ts";
import { checkMirror } from "./check-mirror.ts";
import { type Closure, computeClosure } from "./closure.ts";
import { lockOf, parseMirrorLock } from "./lock.ts";
import { planMirror } from "./plan.ts";
import {
  imageWith,
  lockText,
  manifestText,
  packageOf,
  startRegistries,
  type TestRegistries,
} from "./testing/registry.ts";

const job = `kind: Job # by hand
metadata: {name: bootstrap}
spec: {template: {spec: {containers: [{name: package-operator, image: "quay.io/org/web:v1", args: ["-self-bootstrap=quay.io/org/app-package:v1"]}]}}}
`;

let registries: TestRegistries;
let dir: string;
let file: string;
let closure: Closure;
const open: TestRegistries["client"]["repository"] = (registry, name) =>
  registries.client.repository(registry, name);
beforeEach(async () => {
  registries = await startRegistries();
  dir = await mkdtemp(path.join(os.tmpdir(), "mirror-archive-"));
  file = path.join(dir, "pko.tar");
  const web = await registries.push("quay.io/org/web:v1", await imageWith("web"));
  await registries.push("ghcr.io/other/tool:v2", await imageWith("web"));
  await registries.push(
    "quay.io/org/app-package:v1",
    await packageOf({
      "manifest.yaml": manifestText("app", { images: { web: "quay.io/org/web:v1" } }),
      "manifest.lock.yaml": lockText([["web", "quay.io/org/web:v1", web]]),
    }),
  );
  const reference = "quay.io/org/app-package:v1";
  const requests = [
    { reference, isPackage: true, reason: { kind: "source", in: reference } } as const,
    { reference: "ghcr.io/other/tool:v2", isPackage: false, reason: { kind: "source", in: "tool" } } as const,
  ];
  closure = await computeClosure({ requests }, { open });
});
afterEach(async () => {
  await registries.close();
  await rm(dir, { recursive: true, force: true });
});

const rules = [
  { from: "quay.io/org/", to: "m.io/pko/" },
  { from: "ghcr.io/", to: "m.io/ghcr/" },
];

describe("an archive", () => {
  test("carries everything to a place without the source, for the target of that place", async () => {
    await writeArchive(file, closure, { openSource: open, rules, manifest: { text: job, file: "job.yaml" } });
    await registries.stopSource();
    const archive = await openArchive(file);
    try {
      expect(archive.plan.overrides).toBe("quay.io/org/=m.io/pko/,ghcr.io/=m.io/ghcr/");
      expect(archive.manifest?.text).toBe(job);
      const found = await computeClosure(archiveRoots(archive), { open: archive.open });
      expect(
        found.images.map(({ digest, reasons, references }) => ({ digest, reasons, references })),
      ).toEqual(closure.images.map(({ digest, reasons, references }) => ({ digest, reasons, references })));
      const local = rules.map(({ from, to }) => ({ from, to: to.replace("m.io", registries.mirror) }));
      const plan = await planMirror(found, { rules: local, openTarget: open });
      const applied = await applyPlan(plan, { openSource: archive.open, openTarget: open });
      expect(applied.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
      expect(await checkMirror(lockOf(plan), { open })).toEqual(
        lockOf(plan).images.map((image) => ({ image })),
      );
    } finally {
      await archive.close();
    }
  });

  test("holds each blob once, full names, plan, lock and both manifests", async () => {
    await writeArchive(file, closure, { openSource: open, rules, manifest: { text: job, file: "job.yaml" } });
    const layout = await openLayoutArchive(file);
    try {
      expect((await layout.entries()).map(({ name }) => name).toSorted()).toEqual([
        "ghcr.io/other/tool:v2",
        "quay.io/org/app-package:v1",
        "quay.io/org/web:v1",
      ]);
      const text = async (name: string): Promise<string> =>
        Buffer.from((await layout.readFile(name)) ?? []).toString("utf8");
      const lock = parseMirrorLock(await text("mirror/mirror.lock.yaml"), "lock");
      expect(lock.images.map(({ target }) => target)).toEqual([
        "m.io/ghcr/other/tool",
        "m.io/pko/app-package",
        "m.io/pko/web",
      ]);
      expect(await text("mirror/manifest.original.yaml")).toBe(job);
      expect(await text("mirror/manifest.yaml")).toContain("-self-bootstrap=m.io/pko/app-package:v1");
      const blobs = (await readFile(file, "latin1")).match(/blobs\/sha256\/[0-9a-f]{64}/g);
      expect(blobs).toHaveLength(new Set(blobs).size);
    } finally {
      await layout.close();
    }
  });

  test("is served as a registry under original and future names, and takes no writes", async () => {
    await writeArchive(file, closure, { openSource: open, rules });
    const archive = await openServableArchive(file);
    const server = createRegistryServer({ storage: await layoutStorage(archive) });
    try {
      const { address } = await server.listen();
      const names = ["org/web:v1", "pko/web:v1", "quay.io/org/web:v1", "ghcr/other/tool:v2"];
      const found = names.map((name) => {
        const { repository, reference } = registries.client.image(`${address}/${name}`);
        return repository.resolve(reference);
      });
      expect((await Promise.all(found)).map((descriptor) => descriptor !== undefined)).toEqual(
        names.map(() => true),
      );
      const plan = await planMirror(closure, {
        rules: [{ from: "quay.io/org/", to: `${address}/new/` }, rules[1]!],
      });
      const [first] = await applyPlan(
        { ...plan, entries: plan.entries.slice(0, 1) },
        { openSource: open, openTarget: open },
      );
      expect(first?.error?.message).toMatch(/405|unsupported|read-only/i);
    } finally {
      await server.close();
      await archive.close();
    }
  });

  test("without rules leaves the target open", async () => {
    await writeArchive(file, closure, { openSource: open, manifest: { text: job, file: "job.yaml" } });
    const archive = await openArchive(file);
    expect(archive.plan.overrides).toBe("");
    expect(archive.manifest?.text).toBe(job);
    await archive.close();
  });

  test("gets its name only when it is complete, and goes on from what is there", async () => {
    const lost = closure.images.find(({ repository }) => repository === "other/tool")!;
    const broken = { ...closure, images: [...closure.images, { ...lost, repository: "other/gone" }] };
    const requestedGone = broken.images.map((image) =>
      image.repository === "other/gone"
        ? { ...image, references: ["ghcr.io/other/gone:v1"], digest: `sha256:${"0".repeat(64)}` }
        : image,
    );
    const failed = await writeArchive(file, { ...broken, images: requestedGone }, { openSource: open });
    expect(failed.filter(({ error }) => error !== undefined)).toHaveLength(1);
    expect(await readdir(dir)).toEqual(["pko.tar.partial"]);
    registries.sourceRequests();
    const again = await writeArchive(file, closure, { openSource: open });
    expect(again.map(({ result }) => result?.outcome)).toEqual(["present", "present", "present"]);
    expect(registries.sourceRequests()).toBe(0);
    expect(await readdir(dir)).toEqual(["pko.tar"]);
  });
});

describe("a file that is no mirror archive is refused with its name", () => {
  test.each([
    ["not there", () => Promise.resolve(), "no such file"],
    ["not a tar", () => writeFile(file, "a".repeat(2000)), "pko.tar"],
    [
      "cut off",
      async () => {
        await writeArchive(file, closure, { openSource: open });
        await truncate(file, 3000);
      },
      "pko.tar",
    ],
  ])("%s", async (_name, prepare, part) => {
    await prepare();
    await expect(openArchive(file)).rejects.toThrow(
      expect.objectContaining({ code: "archive", subject: file }),
    );
    await expect(openArchive(file)).rejects.toThrow(part);
  });
});
