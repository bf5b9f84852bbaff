import { readdir } from "node:fs/promises";
import path from "node:path";
import { buildIndex, staticAccounts } from "@package-operator/oci";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { object } from "../testing/toolshed.ts";
import { createWorkspace, startRegistry, type TestRegistry, type Workspace } from "../testing/workspace.ts";
import type { LineResult } from "../testing/run-line.ts";

const manifest = (name: string): string => `apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifest
metadata: {name: ${name}}
spec:
  scopes: [Cluster]
  phases: [{name: deploy}]
`;
const job = `kind: Job # the bootstrap
metadata: {name: package-operator-bootstrap}
spec:
  template:
    spec:
      containers:
      - name: package-operator
        image: quay.io/org/manager:v1
        args: ["-self-bootstrap=quay.io/org/package:v1"]
        env: [{name: PKO_IMAGE_PREFIX_OVERRIDES, value: ""}]
`;

let source: TestRegistry;
let mirror: TestRegistry;
let workspace: Workspace;
let reach: readonly string[];

beforeEach(async () => {
  [source, mirror] = [await startRegistry(), await startRegistry()];
  workspace = await createWorkspace({ "job.yaml": job });
  await source.add("org/manager", "v1", { "any.txt": "the manager" });
  await source.add("org/package", "v1", {
    "manifest.yaml": manifest("package"),
    "config.yaml": object("v1", "ConfigMap", "config", "deploy"),
  });
  reach = ["--resolve", `quay.io=http://${source.address}`, "--journal", path.join(workspace.dir, "state")];
});
afterEach(async () => {
  await workspace.remove();
  await source.close();
  await mirror.close();
});

const mirrorJob = (...more: string[]): Promise<LineResult> => workspace.run("mirror", ...more, ...reach);
const tagsOf = (name: string): Promise<readonly string[] | undefined> =>
  mirror.storage.repository(name).tags();

describe("mirror", () => {
  test("copies, locks and rewrites in one go; the second run finds everything there", async () => {
    const to = ["--to", `${mirror.address}/pko`] as const;
    const files = ["--lock", "lock.yaml", "--rewrite", "job.yaml", "-o", "new.yaml"] as const;
    const first = await mirrorJob("job.yaml", ...to, ...files);
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("2 images copied, 0 were there"),
    });
    expect(first.stderr).toMatch(/^\[1\/2\] copied .*\n\[2\/2\] copied .*\n$/);
    expect(await tagsOf("pko/manager")).toEqual(["v1"]);
    expect(await workspace.read("new.yaml")).toContain(`-self-bootstrap=${mirror.address}/pko/package:v1`);
    expect(await workspace.read("new.yaml")).toContain("kind: Job # the bootstrap");
    const verified = await workspace.run("verify", "mirror", "--lock", "lock.yaml");
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining("2 of 2 images complete") });
    const second = await mirrorJob("job.yaml", ...to);
    expect(second.stdout).toContain("0 images copied, 2 were there, 0 B sent");
    expect(await readdir(path.join(workspace.dir, "state"))).toEqual([]);
  });

  test("several sources are one run, and what they share is copied once", async () => {
    await source.add("org/other", "v1", { "manifest.yaml": manifest("other") });
    const both = await mirrorJob("job.yaml", "quay.io/org/other:v1", "--to", `${mirror.address}/pko`);
    expect(both).toMatchObject({ code: 0, stdout: expect.stringContaining("3 images copied") });
    const shared = await mirrorJob(
      ...["quay.io/org/other:v1", "quay.io/org/package:v1", "--to", `${mirror.address}/pko`],
    );
    expect(shared).toMatchObject({ code: 0, stdout: expect.stringContaining("2 were there") });
  });

  test("a plan is written, read by people, and applied by itself", async () => {
    const planned = await mirrorJob("job.yaml", "--to", `${mirror.address}/pko`, "--plan", "plan.yaml");
    expect(planned.stdout).toContain("2 images");
    expect(await tagsOf("pko/manager")).toBeUndefined();
    const applied = await mirrorJob("apply", "plan.yaml", "--lock", "lock.yaml", "--rewrite", "job.yaml");
    expect(applied).toMatchObject({ code: 0, stdout: expect.stringContaining("2 images copied") });
    expect(applied.stdout).toContain(`image: ${mirror.address}/pko/manager:v1`);
    expect(await tagsOf("pko/package")).toEqual(["v1"]);
    expect(await workspace.read("lock.yaml")).toContain(`target: ${mirror.address}/pko/manager`);
  });

  test("an applied plan copies its digests, whatever the tags say by then", async () => {
    await mirrorJob("job.yaml", "--to", `${mirror.address}/pko`, "--plan", "plan.yaml");
    const before = /digest: (sha256:[0-9a-f]{64})/.exec(await workspace.read("plan.yaml"))?.[1];
    await source.add("org/manager", "v1", { "any.txt": "another manager" });
    expect((await mirrorJob("apply", "plan.yaml")).code).toBe(0);
    const found = await mirror.storage.repository("pko/manager").readManifest("v1");
    expect(found?.descriptor.digest).toBe(before);
  });

  test("an archive carries images and manifest to where the source does not exist", async () => {
    const gathered = await mirrorJob("job.yaml", "--rewrite", "job.yaml", "--to-archive", "pko.tar");
    expect(gathered).toMatchObject({ code: 0, stdout: expect.stringContaining("2 images copied") });
    await source.close();
    const unpacked = await workspace.run(
      ...["mirror", "--from-archive", "pko.tar", "--to", `${mirror.address}/pko`],
      ...["--lock", "lock.yaml", "-o", "new.yaml"],
    );
    expect(unpacked).toMatchObject({ code: 0, stdout: expect.stringContaining("2 images copied") });
    expect(await workspace.read("new.yaml")).toContain(`image: ${mirror.address}/pko/manager:v1`);
    expect((await workspace.run("verify", "mirror", "--lock", "lock.yaml")).code).toBe(0);
    source = await startRegistry();
  });

  test("an archive made for a target needs no target again", async () => {
    await mirrorJob(
      "job.yaml",
      "--to",
      `${mirror.address}/pko`,
      "--to-archive",
      "pko.tar",
      "--lock",
      "lock.yaml",
    );
    const unpacked = await workspace.run("mirror", "--from-archive", "pko.tar");
    expect(unpacked).toMatchObject({ code: 0, stderr: expect.stringContaining("[2/2] copied") });
    expect((await workspace.run("verify", "mirror", "--lock", "lock.yaml")).code).toBe(0);
  });

  test("credentials are used and shown nowhere, whether they are good or not", async () => {
    const password = "s3cret-of-the-mirror";
    const guarded = await startRegistry({ kind: "basic", accounts: staticAccounts({ robot: password }) });
    const login = (word: string): string => {
      const auth = Buffer.from(`robot:${word}`).toString("base64");
      return JSON.stringify({ auths: { [guarded.address]: { auth } } });
    };
    const args = ["mirror", "job.yaml", "--to", `${guarded.address}/pko`, "--output", "json", ...reach];
    const env = { DOCKER_CONFIG: path.join(workspace.dir, "docker") };
    const outcomes = [];
    for (const word of [password, `${password}-once`]) {
      await workspace.write({ "docker/config.json": login(word) });
      const { code, stdout, stderr } = await workspace.runWith({ env }, ...args);
      const state = await readdir(path.join(workspace.dir, "state"));
      const journals = await Promise.all(state.map((file) => workspace.read(`state/${file}`)));
      const auth = Buffer.from(`robot:${word}`).toString("base64");
      expect([stdout, stderr, ...journals].join("\n")).not.toMatch(new RegExp(`${password}|${auth}`));
      outcomes.push({ code, isDenied: stderr.includes("401") || /unauthorized/i.test(stderr) });
    }
    await guarded.close();
    expect(outcomes).toEqual([
      { code: 0, isDenied: false },
      { code: 1, isDenied: true },
    ]);
  });

  test("--platform needs consent for an index, and leaves single images alone", async () => {
    const { code } = await mirrorJob(
      "job.yaml",
      "--to",
      `${mirror.address}/pko`,
      "--platform",
      "linux/arm64",
    );
    expect(code).toBe(0);
    const managers = source.storage.repository("org/manager");
    const { descriptor } = (await managers.readManifest("v1"))!;
    const children = ["amd64", "arm64"].map((architecture) => ({
      ...descriptor,
      platform: { os: "linux", architecture },
    }));
    await managers.writeManifest(buildIndex(children), ["v1"]);
    const refused = await mirrorJob("job.yaml", "--to", `${mirror.address}/pko`, "--platform", "linux/s390x");
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("has none of linux/s390x") });
  });

  test("the plan as JSON says for each image why, what, from where and to where", async () => {
    const { stdout } = await mirrorJob(
      "job.yaml",
      "--to",
      "m.invalid/pko",
      "--to-archive",
      "a.tar",
      "--output",
      "json",
    );
    const { entries } = JSON.parse(stdout) as { entries: { source: string; reasons: unknown[] }[] };
    expect(entries.map(({ source: from, reasons }) => [from, reasons])).toEqual([
      ["quay.io/org/manager", [{ kind: "bootstrap", in: "job.yaml", name: "package-operator" }]],
      ["quay.io/org/package", [{ kind: "bootstrap-package", in: "job.yaml" }]],
    ]);
  });
});

describe("what is wrong is said before anything is copied", () => {
  test.each([
    [["job.yaml"], 2, "no target given"],
    [[], 2, "requires at least 1 arg"],
    [["job.yaml", "--from-archive", "a.tar"], 2, "takes no source"],
    [["job.yaml", "--to", "m.io", "--override", "a=b/"], 2, "[override to] were all set"],
    [["apply"], 2, "one plan file"],
    [["apply", "job.yaml", "--to", "m.io"], 2, "--to says nothing"],
    [["apply", "job.yaml"], 1, "job.yaml: not a MirrorPlan"],
    [["--from-archive", "job.yaml", "--to", "m.io"], 1, "job.yaml"],
    [["--from-archive", "gone.tar", "--to", "m.io"], 1, "gone.tar"],
    [["job.yaml", "--override", "quay.io/other/=m.io/"], 1, "no rule moves quay.io/org/manager:v1"],
    [["job.yaml", "--to", "m.io/a/b/c", "--max-depth", "3"], 1, "4 levels deep; the target takes 3"],
    [["job.yaml", "--to", `m.io/${"a".repeat(245)}`], 1, "characters; registries take 255"],
    [["job.yaml", "--to-archive", "a.tar", "--lock", "l.yaml"], 2, "no target given"],
    [["quay.io/org/gone:v1", "--to", "m.io"], 1, "quay.io/org/gone:v1"],
  ])("%j", async (args, code, part) => {
    const result = await mirrorJob(...args);
    expect(result.stderr).toContain(part);
    expect(result).toMatchObject({ code, stdout: "" });
  });
});
