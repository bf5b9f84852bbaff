import { stat } from "node:fs/promises";
import path from "node:path";
import { buildIndex, type Descriptor, staticAccounts, storageContent } from "@package-operator/oci";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runReadOnly } from "../testing/read-only.ts";
import { toolshed } from "../testing/toolshed.ts";
import { createWorkspace, startRegistry, type TestRegistry, type Workspace } from "../testing/workspace.ts";

let workspace: Workspace;
let registry: TestRegistry;
let digest: string;
beforeEach(async () => {
  workspace = await createWorkspace();
  registry = await startRegistry();
  digest = await registry.add("yard/toolshed", "v1", toolshed);
});
afterEach(async () => {
  await registry.close();
  await workspace.remove();
});

const silence = { code: 0, stdout: "", stderr: "" };
const failure = (message: string): object => ({ code: 1, stdout: "", stderr: `Error: ${message}\n` });
const repo = (...args: string[]): ReturnType<Workspace["run"]> => workspace.run("repo", ...args);

test("a repository from its beginning to its image", async () => {
  const image = `${registry.address}/yard/toolshed`;
  await workspace.write({ "yard.yaml": "old" });
  expect(await workspace.run("repository", "initialize", "yard.yaml", "yard")).toEqual(silence);
  expect((await stat(path.join(workspace.dir, "yard.yaml"))).mode & 0o777).toBe(0o600);
  expect(await repo("add", "yard.yaml", `${image}:v1`, "1.0.0", "1.10.0")).toEqual(silence);
  const text = `---
apiVersion: manifests.package-operator.run/v1alpha1
kind: Repository
metadata:
  creationTimestamp: "2026-11-22T16:07:24Z"
  name: yard
---
apiVersion: manifests.package-operator.run/v1alpha1
data:
  digest: ${digest.replace("sha256:", "")}
  image: ${image}
  name: toolshed
  versions:
  - v1.10.0
  - v1.0.0
kind: RepositoryEntry
metadata:
  name: toolshed.${digest.replace("sha256:", "")}
`;
  expect(await workspace.read("yard.yaml")).toBe(text);
  expect(await repo("add", "yard.yaml", `${image}:v1`, "1.0.0")).toEqual(
    failure('add new entry: package "toolshed" version "v1.0.0" already exists'),
  );
  const tag = `${registry.address}/yard/index:v1`;
  expect(await repo("push", "yard.yaml", tag)).toEqual(silence);
  expect(await repo("pull", "copy.yaml", tag)).toEqual(silence);
  expect(await workspace.read("copy.yaml")).toBe(text);
  expect(await repo("remove", "yard.yaml", `${image}:v1`)).toEqual(silence);
  expect(await workspace.read("yard.yaml")).not.toContain("toolshed");
});

test("of an index the image for linux/amd64 is stored, as upstream does", async () => {
  const other = await registry.add("yard/toolshed", "arm", { ...toolshed, "README.md": "other" });
  const content = storageContent(registry.storage, "yard/toolshed");
  const child = async (image: string, architecture: string): Promise<Descriptor> => ({
    ...(await content.manifest(image, {})).descriptor,
    platform: { os: "linux", architecture },
  });
  const index = buildIndex([await child(other, "arm64"), await child(digest, "amd64")]);
  await content.writeManifest("v2", index, {});
  await repo("init", "yard.yaml", "yard");
  expect(await repo("add", "yard.yaml", `${registry.address}/yard/toolshed:v2`, "2.0.0")).toEqual(silence);
  expect(await workspace.read("yard.yaml")).toContain(`digest: ${digest.replace("sha256:", "")}\n`);
  expect(await repo("remove", "yard.yaml", `${registry.address}/yard/toolshed:v2`)).toEqual(silence);
  expect(await workspace.read("yard.yaml")).not.toContain("toolshed");
});

test("an index without a fitting image", async () => {
  const content = storageContent(registry.storage, "yard/toolshed");
  await content.writeManifest("v2", buildIndex([]), {});
  await repo("init", "yard.yaml", "yard");
  const { code, stderr } = await repo("add", "yard.yaml", `${registry.address}/yard/toolshed:v2`, "2.0.0");
  expect(code).toBe(1);
  expect(stderr).toContain("Error: pull package image: no child with platform linux/amd64 in index ");
});

test("update takes dependencies from a repository file and image", async () => {
  const image = `${registry.address}/yard/toolshed`;
  const tag = `${registry.address}/yard/index:v1`;
  await repo("init", "yard.yaml", "yard");
  await repo("add", "yard.yaml", `${image}:v1`, "1.0.0", "1.10.0");
  await repo("push", "yard.yaml", tag);
  const manifest = (place: string): string =>
    toolshed["manifest.yaml"]!.replace(
      "spec:\n",
      `spec:\n  repositories: [${place}]\n  dependencies: [{image: {name: shed-pkg, package: toolshed.yard, range: ">=1.0"}}]\n`,
    );
  for (const place of ["{file: yard.yaml}", `{image: "${tag}"}`]) {
    await workspace.write({ "farm/manifest.yaml": manifest(place), "farm/manifest.lock.yaml": emptyLock });
    expect((await workspace.run("update", "farm")).stdout).toBe("Package updated successfully!\n");
    expect(await workspace.read("farm/manifest.lock.yaml")).toContain(
      `  dependencies:\n  - digest: ${digest}\n    image: ${image}\n    name: shed-pkg\n    version: 1.10.0\n`,
    );
    expect((await workspace.run("update", "farm")).stdout).toBe("Package is already up-to-date\n");
  }
  await workspace.write({ "farm/manifest.yaml": manifest("{file: nowhere.yaml}") });
  expect(await workspace.run("update", "farm")).toEqual(
    failure("generating lock data: open nowhere.yaml: no such file or directory"),
  );
  await workspace.write({
    "farm/manifest.yaml": manifest("{file: yard.yaml}").replace("toolshed.yard", "barn.yard"),
  });
  expect((await workspace.run("update", "farm")).stderr).toContain(
    "generating lock data: solving package deps: constraints not satisfiable:\npackage toolshed requires package barn.yard which has no candidates\n",
  );
});

const emptyLock = `apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifestLock
metadata: {creationTimestamp: "2020-01-01T00:00:00Z"}
spec: {images: []}
`;

describe("errors", () => {
  beforeEach(() => repo("init", "yard.yaml", "yard"));

  test.each([
    [["init", "f", ""], "arguments invalid: name must be not empty"],
    [["init", "", "n"], "arguments invalid: file must be not empty"],
    [["init", "no/where", "n"], "write to file: open no/where: no such file or directory"],
    [["add", "yard.yaml", "ADDRESS/yard/toolshed:v1"], "requires at least 3 arg(s), only received 2"],
    [["add", "yard.yaml", "toolshed", "1.0.0"], "package reference: could not parse reference: toolshed"],
    [["add", "yard.yaml", "ADDRESS/yard/toolshed:v1", "1.0"], "version: col 4: missing patch"],
    [
      ["add", "yard.yaml", "ADDRESS/yard/toolshed:v1", "v1.0.0"],
      "version: col 2: starts with non-positive integer 'v'",
    ],
    [["add", "none.yaml", "ADDRESS/yard/toolshed:v1", "1.0.0"], "open none.yaml: no such file or directory"],
    [["remove", "yard.yaml", "toolshed"], "given package reference: could not parse reference: toolshed"],
    [
      ["remove", "none.yaml", "ADDRESS/yard/toolshed:v1"],
      "read from file: open none.yaml: no such file or directory",
    ],
    [["push", "yard.yaml", ""], "arguments invalid: tag must be not empty"],
    [["push", "", "x"], "arguments invalid: file must be not empty"],
    [["pull", "copy.yaml", ""], "arguments invalid: tag must be not empty"],
    [["pull", "copy.yaml", "ADDRESS/yard/toolshed:v1"], "pull repository image: read from image tar: EOF"],
  ])("%j", async (args, message) => {
    const words = args.map((word) => word.replace("ADDRESS", registry.address));
    expect(await repo(...words)).toEqual(failure(message));
  });

  test("a folder that cannot be written", async () => {
    expect(await runReadOnly(workspace, ".", "repo", "init", "new.yaml", "yard")).toEqual(
      failure("write to file: open new.yaml: permission denied"),
    );
  });

  test("a file of another kind", async () => {
    await workspace.write({ "cm.yaml": "apiVersion: v1\nkind: ConfigMap\n" });
    expect(await repo("add", "cm.yaml", `${registry.address}/yard/toolshed:v1`, "1.0.0")).toEqual(
      failure("unknown GVK: GroupKind must be Repository.manifests.package-operator.run, is: ConfigMap"),
    );
  });

  test("an image that vanished, and one that is no package", async () => {
    const add = (image: string): ReturnType<typeof repo> =>
      repo("add", "yard.yaml", `${registry.address}/${image}`, "1.0.0");
    expect((await add("yard/gone:v1")).stderr).toMatch(
      /^Error: pull package image: GET http:.*MANIFEST_UNKNOWN/,
    );
    await registry.add("yard/notes", "v1", { "notes.md": "x" });
    expect(await add("yard/notes:v1")).toEqual(
      failure(
        "package from raw package: PackageManifest not found: searched at manifest.yaml and manifest.yml",
      ),
    );
  });

  test("a digest that is not in the file", async () => {
    await repo("add", "yard.yaml", `${registry.address}/yard/toolshed:v1`, "1.0.0");
    const other = await registry.add("yard/toolshed", "v2", { ...toolshed, "README.md": "other" });
    expect(await repo("remove", "yard.yaml", `${registry.address}/yard/toolshed:v2`)).toEqual(
      failure(`add new entry: package "toolshed" digest "${other.replace("sha256:", "")}" not found`),
    );
  });

  test("a push without credentials", async () => {
    const closed = await startRegistry({ kind: "basic", accounts: staticAccounts({ keeper: "rake" }) });
    try {
      const { code, stderr } = await repo("push", "yard.yaml", `${closed.address}/yard/index:v1`);
      expect(code).toBe(1);
      expect(stderr).toContain("Error: pull repository image: HEAD http://");
      expect(stderr).toContain("unexpected status code 401 Unauthorized");
    } finally {
      await closed.close();
    }
  });
});
