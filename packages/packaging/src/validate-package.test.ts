import { describe, expect, test } from "vitest";
import { PackageError } from "./errors.ts";
import { loadPackage } from "./load-package.ts";
import { configMap, manifestText, rawPackage, samplePackage } from "./testing/sample-package.ts";
import { type PackageScope, validatePackage } from "./validate-package.ts";

const lock = (images: string): string =>
  `apiVersion: manifests.package-operator.run/v1alpha1\nkind: PackageManifestLock\nspec:\n  images: ${images}\n`;

function findings(pkg: ReturnType<typeof samplePackage>, scope?: PackageScope): string {
  try {
    validatePackage(pkg, scope === undefined ? {} : { scope });
  } catch (error) {
    if (error instanceof PackageError) return error.message;
    throw error;
  }
  return "";
}

test("a sound package passes", () => {
  const pkg = samplePackage(
    {
      "a.yaml": configMap("a"),
      "manifest.lock.yaml": lock("[{name: web, image: nginx:1, digest: sha256:1}]"),
    },
    "  images: [{name: web, image: nginx:1}]\n",
  );
  expect(findings(pkg, "Cluster")).toBe("");
});

describe("manifest and lock must agree", () => {
  const images = "  images: [{name: web, image: nginx:1}]\n";
  const missing =
    "Missing image in manifest.lock.yaml, but using PackageManifest.spec.images. Try running: kubectl package update";
  const differs =
    "Image specified in manifest does not match with lockfile. Try running: kubectl package update";
  test.each([
    [undefined, `${missing} in manifest.lock.yaml`],
    ["[]", `${missing}: web`],
    ["[{name: web, image: nginx:2, digest: d}]", `${differs}: "web": "nginx:1" vs "nginx:2"`],
    ["[{name: web, image: nginx:1, digest: d}, {name: more, image: x, digest: d}]", `${differs}: more`],
  ])("%s", (locked, message) => {
    const files: Record<string, string> = locked === undefined ? {} : { "manifest.lock.yaml": lock(locked) };
    expect(findings(samplePackage(files, images))).toBe(message);
  });
});

test("static files are checked unless tests do that", () => {
  const files = { "a.yaml": "apiVersion: v1\nkind: X\n", "b.yaml.gotmpl": "not: {{ checked }}" };
  expect(findings(samplePackage(files))).toBe(
    "loading package from files: Missing package-operator.run/phase Annotation in a.yaml idx 0",
  );
  expect(findings(samplePackage(files, "test: {template: [{name: t}]}\n"))).toBe("");
});

test("all checks run, and components are named", () => {
  const pkg = loadPackage(
    rawPackage({
      "manifest.yaml": manifestText("  components: {}\n").replace("[Cluster, Namespaced]", "[Cluster]"),
      "a.yaml": "kind: X\napiVersion: v1\n",
      "components/c/manifest.yaml": manifestText("  images: [{name: '', image: x}]\n"),
    }),
  );
  expect(findings(pkg, "Namespaced").split("\n")).toEqual([
    'component "c": spec.images[0].name: Invalid value: "": must be non empty',
    expect.stringMatching(/^component "c": Missing image in manifest.lock.yaml/),
    "loading package from files: Missing package-operator.run/phase Annotation in a.yaml idx 0",
    "Package unsupported scope in manifest.yaml",
  ]);
});
