import { stat, utimes } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runReadOnly } from "../testing/read-only.ts";
import { inFolder, toolshed } from "../testing/toolshed.ts";
import { createWorkspace, startRegistry, type TestRegistry, type Workspace } from "../testing/workspace.ts";

let workspace: Workspace;
let registry: TestRegistry;
let digest: string;
beforeEach(async () => {
  registry = await startRegistry();
  digest = await registry.add("yard/copy", "latest", { "manifest.yaml": "x" });
  workspace = await createWorkspace(inFolder("toolshed", toolshed));
  await workspace.write({ "toolshed/manifest.yaml": withImage(`${registry.address}/yard/copy`) });
});
afterEach(async () => {
  await registry.close();
  await workspace.remove();
});

const updated = { code: 0, stdout: "Package updated successfully!\n", stderr: "" };
const upToDate = { code: 0, stdout: "Package is already up-to-date\n", stderr: "" };

function withImage(image: string): string {
  return toolshed["manifest.yaml"]!.replace(
    "spec:\n",
    `spec:\n  images: [{name: shed, image: "${image}"}]\n`,
  );
}

test("writes the lock, and leaves it alone the second time", async () => {
  expect(await workspace.run("update", "toolshed")).toEqual(updated);
  expect(await workspace.read("toolshed/manifest.lock.yaml"))
    .toBe(`apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifestLock
metadata:
  creationTimestamp: "2026-11-22T16:07:24Z"
spec:
  images:
  - digest: ${digest}
    image: ${registry.address}/yard/copy
    name: shed
`);
  const file = path.join(workspace.dir, "toolshed/manifest.lock.yaml");
  await utimes(file, 1000, 1000);
  expect(await workspace.run("update", "toolshed")).toEqual(upToDate);
  expect((await stat(file)).mtimeMs).toBe(1_000_000);
  expect(await workspace.run("validate", "toolshed")).toMatchObject({ code: 0 });
});

test("a package without images gets an empty list", async () => {
  await workspace.write({ "toolshed/manifest.yaml": toolshed["manifest.yaml"]! });
  expect(await workspace.run("update", "toolshed")).toEqual(updated);
  expect(await workspace.read("toolshed/manifest.lock.yaml")).toContain("  images: []\n");
});

test("a lock older than the manifest is renewed in the file it is in, with its labels", async () => {
  await workspace.write({
    "toolshed/manifest.lock.yml": `apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifestLock
metadata: {creationTimestamp: "2020-01-01T00:00:00Z", labels: {team: yard}}
spec: {images: []}
`,
  });
  expect((await workspace.run("validate", "toolshed")).stderr).toContain(
    "Missing image in manifest.lock.yaml, but using PackageManifest.spec.images. Try running: kubectl package update: shed",
  );
  expect(await workspace.run("update", "toolshed")).toEqual(updated);
  await expect(workspace.read("toolshed/manifest.lock.yaml")).rejects.toThrow("ENOENT");
  const lock = await workspace.read("toolshed/manifest.lock.yml");
  expect(lock).toContain('  creationTimestamp: "2026-11-22T16:07:24Z"\n  labels:\n    team: yard\n');
  expect(lock).toContain(`digest: ${digest}`);
});

test("PKO_REPOSITORY_HOST is asked, and the lock keeps the name", async () => {
  await workspace.write({ "toolshed/manifest.yaml": withImage("quay.invalid/yard/copy:latest") });
  const env = { PKO_REPOSITORY_HOST: registry.address };
  expect(await workspace.runWith({ env }, "update", "toolshed")).toEqual(updated);
  expect(await workspace.read("toolshed/manifest.lock.yaml")).toContain(
    "image: quay.invalid/yard/copy:latest",
  );
});

test("--recursive updates components", async () => {
  await workspace.write({
    "toolshed/manifest.yaml": toolshed["manifest.yaml"]!.replace("spec:\n", "spec:\n  components: {}\n"),
    "toolshed/components/roof/manifest.yaml": withImage(`${registry.address}/yard/copy`),
  });
  expect(await workspace.run("update", "toolshed", "--recursive")).toEqual(updated);
  expect(await workspace.read("toolshed/components/roof/manifest.lock.yaml")).toContain(digest);
  expect(await workspace.run("update", "toolshed", "--recursive")).toEqual(upToDate);
});

test("as JSON, the lock files that were written", async () => {
  const updated = async (): Promise<unknown> =>
    JSON.parse((await workspace.run("update", "toolshed", "--output", "json")).stdout);
  expect(await updated()).toEqual({ updated: ["toolshed/manifest.lock.yaml"] });
  expect(await updated()).toEqual({ updated: [] });
});

describe("errors", () => {
  test("wrong folders", async () => {
    expect((await workspace.run("update", "")).stderr).toBe("Error: arguments invalid: target path empty\n");
    expect((await workspace.run("update", "nowhere")).stderr).toBe(
      "Error: generating lock data: loading package: walk source dir: access file .: stat .: no such file or directory\n",
    );
  });

  test("an image that vanished leaves the lock alone", async () => {
    await workspace.run("update", "toolshed");
    const before = await workspace.read("toolshed/manifest.lock.yaml");
    const image = `${registry.address}/yard/gone:v1`;
    await workspace.write({ "toolshed/manifest.yaml": withImage(image) });
    const { code, stderr } = await workspace.run("update", "toolshed");
    expect(code).toBe(1);
    expect(stderr).toContain(
      `Error: generating lock data: resolving lock image for "${image}": resolving image digest: GET http://`,
    );
    expect(await workspace.read("toolshed/manifest.lock.yaml")).toBe(before);
  });

  test("a reference that is none", async () => {
    await workspace.write({ "toolshed/manifest.yaml": withImage("No/Way") });
    expect((await workspace.run("update", "toolshed")).stderr).toContain(
      'generating lock data: resolving lock image for "No/Way": resolving image digest: could not parse reference: No/Way',
    );
  });

  test("two lock files", async () => {
    await workspace.write({ "toolshed/manifest.lock.yaml": "", "toolshed/manifest.lock.yml": "" });
    expect((await workspace.run("update", "toolshed")).stderr).toBe(
      "Error: generating lock data: loading package: PackageManifestLock present multiple times\n",
    );
  });

  test("a folder that cannot be written", async () => {
    const { code, stderr } = await runReadOnly(workspace, "toolshed", "update", "toolshed");
    expect(code).toBe(1);
    expect(stderr).toContain("writing lock file: open toolshed/manifest.lock.yaml: permission denied");
  });
});
