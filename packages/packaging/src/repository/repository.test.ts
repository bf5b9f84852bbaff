import { memoryContent, writeImage } from "@package-operator/oci";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addEntry, removeEntry, type Repository, type RepositoryEntry } from "./repository.ts";
import { decodeRepository, formatRepository } from "./repository-file.ts";
import { buildRepositoryImage, importRepositoryImage } from "./repository-image.ts";

const now = "2026-11-22T16:07:23Z";
const empty: Repository = { name: "yard", entries: [] };
const entry = (name: string, digest: string, ...versions: string[]): RepositoryEntry => ({
  name,
  image: `127.0.0.1:5191/yard/${name}`,
  digest,
  versions,
  constraints: [],
});

test("is written with packages by name, versions newest first, and read again", () => {
  const repository = [
    entry("toolshed", "aa", "1.0.0", "v1.10.0", "1.9.1", "1.10.0-rc.1"),
    entry("barn", "bb", "0.1.0"),
    entry("toolshed", "cc", "2.0.0"),
  ].reduce(addEntry, empty);
  const text = formatRepository(repository, now);
  expect(text).toBe(`---
apiVersion: manifests.package-operator.run/v1alpha1
kind: Repository
metadata:
  creationTimestamp: "2026-11-22T16:07:23Z"
  name: yard
---
apiVersion: manifests.package-operator.run/v1alpha1
data:
  digest: bb
  image: 127.0.0.1:5191/yard/barn
  name: barn
  versions:
  - v0.1.0
kind: RepositoryEntry
metadata:
  name: barn.bb
---
apiVersion: manifests.package-operator.run/v1alpha1
data:
  digest: cc
  image: 127.0.0.1:5191/yard/toolshed
  name: toolshed
  versions:
  - v2.0.0
kind: RepositoryEntry
metadata:
  name: toolshed.cc
---
apiVersion: manifests.package-operator.run/v1alpha1
data:
  digest: aa
  image: 127.0.0.1:5191/yard/toolshed
  name: toolshed
  versions:
  - v1.10.0
  - v1.10.0-rc.1
  - v1.9.1
  - v1.0.0
kind: RepositoryEntry
metadata:
  name: toolshed.aa
`);
  expect(formatRepository(decodeRepository(text), "other")).toBe(text);
});

test("constraints stay", () => {
  const constraints = [
    { platform: ["OpenShift"] },
    { platformVersion: { name: "Kubernetes", range: ">=1.29.x" } },
    { uniqueInScope: {} },
  ];
  const repository = addEntry(empty, { ...entry("shed", "aa", "1.0.0"), constraints });
  expect(decodeRepository(formatRepository(repository, now)).entries[0]?.constraints).toEqual(constraints);
});

describe("changes", () => {
  const one = addEntry(empty, entry("shed", "aa", "1.0.0"));

  test("the same image takes more versions in", () => {
    const two = addEntry(one, entry("shed", "aa", "1.1.0"));
    expect(two.entries).toEqual([entry("shed", "aa", "v1.1.0", "v1.0.0")]);
  });

  test("a version is there once per package", () => {
    expect(() => addEntry(one, entry("shed", "bb", "v1.0.0"))).toThrow(
      'package "shed" version "v1.0.0" already exists',
    );
    expect(() => addEntry(one, entry("shed", "bb", "2.0.0", "v2.0.0"))).toThrow("already exists");
    expect(addEntry(one, entry("barn", "aa", "1.0.0")).entries).toHaveLength(2);
  });

  test("a version must be one", () => {
    expect(() => addEntry(one, entry("shed", "bb", "1.0"))).toThrow("missing patch");
  });

  test("removing", () => {
    expect(removeEntry(one, "shed", "aa").entries).toEqual([]);
    expect(removeEntry(one, "barn", "zz")).toEqual(one);
    expect(() => removeEntry(one, "shed", "bb")).toThrow('package "shed" digest "bb" not found');
  });

  test("adding and removing gives back what was there", () => {
    const names = fc.constantFrom("shed", "barn", "gate");
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(names, fc.nat(50)), { selector: String }), (added) => {
        const full = added
          .map(([name, n]) => entry(name, `d${name}${n}`, `1.${n}.0`))
          .reduce(addEntry, empty);
        const read = decodeRepository(formatRepository(full, now));
        const back = read.entries.reduce((rest, { name, digest }) => removeEntry(rest, name, digest), read);
        expect(read.entries).toHaveLength(added.length);
        expect(back.entries).toEqual([]);
      }),
    );
  });
});

describe("bad files", () => {
  const head =
    "apiVersion: manifests.package-operator.run/v1alpha1\nkind: Repository\nmetadata: {name: yard}\n";
  const data = (fields: string): string =>
    `${head}---\napiVersion: manifests.package-operator.run/v1alpha1\nkind: RepositoryEntry\ndata: {${fields}}\n`;
  test.each([
    ["", "unknown GVK: GroupKind must be Repository.manifests.package-operator.run, is: "],
    [
      "kind: ConfigMap\n",
      "unknown GVK: GroupKind must be Repository.manifests.package-operator.run, is: ConfigMap",
    ],
    [
      `${head}---\n${head}`,
      "GroupKind must be RepositoryEntry.manifests.package-operator.run, is: Repository.",
    ],
    [`${head}---\na: [`, "Invalid YAML: "],
    [data("name: shed, versions: [v1.0.0]"), "[data.image: Required value, data.digest: Required value]"],
    [
      data(
        "name: a, image: b, digest: c, versions: [v1.0.0], constraints: [{platformVersion: {name: K, range: nope}}]",
      ),
      'data.constraints[0].platformVersion.range: Invalid value: "nope": improper constraint',
    ],
    [data("name: a, image: b, digest: c, versions: [one]"), "starts with non-positive integer"],
  ])("%j", (text, message) => {
    expect(() => decodeRepository(text)).toThrow(message);
  });

  test("documents of any size are read", () => {
    const versions = Array.from({ length: 9000 }, (_, index) => `1.${index}.0`);
    const text = formatRepository(addEntry(empty, entry("shed", "aa", ...versions)), now);
    expect(text.length).toBeGreaterThan(65_536);
    expect(decodeRepository(text).entries[0]?.versions).toHaveLength(9000);
  });
});

test("goes through an image", async () => {
  const registry = memoryContent();
  const repository = addEntry(empty, entry("shed", "aa", "1.0.0"));
  await writeImage(registry, await buildRepositoryImage(repository, now), { tags: ["latest"] });
  expect(formatRepository(await importRepositoryImage(registry, "latest"), "x")).toBe(
    formatRepository(repository, now),
  );
});

test("an image without a repository", async () => {
  const { buildPackageImage } = await import("../package-image.ts");
  const registry = memoryContent();
  const image = await buildPackageImage({ files: new Map([["a", Buffer.from("b")]]), labels: {} });
  await writeImage(registry, image, { tags: ["v1"] });
  await expect(importRepositoryImage(registry, "v1")).rejects.toMatchObject({
    code: "image",
    message: "read from image tar: EOF",
  });
});
