import { describe, expect, test } from "vitest";
import { PackageError } from "./errors.ts";
import { loadComponent, loadPackage } from "./load-package.ts";
import type { RawPackage } from "./raw-package.ts";

const header = "apiVersion: manifests.package-operator.run/v1alpha1\nkind: ";
const manifest = (name: string, extra = ""): string =>
  `${header}PackageManifest\nmetadata: {name: ${name}}\nspec:\n  scopes: [Cluster]\n  phases: [{name: deploy}]\n${extra}`;
const multi = manifest("root", "  components: {}\n");

function raw(files: Record<string, string>): RawPackage {
  return {
    files: new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])),
    labels: {},
  };
}

function violationsOf(load: () => unknown): unknown {
  try {
    load();
  } catch (error) {
    if (error instanceof PackageError) return error.message;
    throw error;
  }
  return undefined;
}

test("manifest and lock are understood and no longer among the files", () => {
  const pkg = loadPackage(
    raw({
      "manifest.yml": manifest("app", "  images: [{name: web, image: nginx:1}]\n"),
      "manifest.lock.yaml": `${header}PackageManifestLock\nspec:\n  images: [{name: web, image: nginx:1, digest: sha256:1}]\n`,
      "deploy.yaml": "kind: X\n",
      "components/ordinary.txt": "",
    }),
  );
  expect(pkg.manifest.metadata.name).toBe("app");
  expect(pkg.manifest.spec.images).toEqual([{ name: "web", image: "nginx:1" }]);
  expect(pkg.lock?.spec.images).toEqual([{ name: "web", image: "nginx:1", digest: "sha256:1" }]);
  expect([...pkg.files.keys()]).toEqual(["deploy.yaml", "components/ordinary.txt"]);
});

describe("components", () => {
  const files = raw({
    "manifest.yaml": multi,
    "root.yaml": "",
    "components/b/manifest.yaml": manifest("something-else"),
    "components/a/manifest.yaml": manifest("a"),
    "components/a/deep/file.yaml": "",
  });

  test("are packages of their own, called by their folder", () => {
    const pkg = loadPackage(files);
    expect(pkg.components.map((component) => component.manifest.metadata.name)).toEqual(["a", "b"]);
    expect([...pkg.components[0]!.files.keys()]).toEqual(["deep/file.yaml"]);
    expect([...pkg.files.keys()]).toEqual(["root.yaml"]);
  });

  test("whose manifests have the same name are told apart by their folders", () => {
    const twins = raw({
      "manifest.yaml": multi,
      "components/left/manifest.yaml": manifest("twin"),
      "components/right/manifest.yaml": manifest("twin"),
    });
    const names = loadPackage(twins).components.map((component) => component.manifest.metadata.name);
    expect(names).toEqual(["left", "right"]);
  });

  test("can be loaded one by one, and the root without them", () => {
    expect([...loadComponent(files, "a").files.keys()]).toEqual(["deep/file.yaml"]);
    expect(loadComponent(files).components).toEqual([]);
  });

  test.each([["nope"], [".."], ["a/deep"], ["."]])("%s is not found", (name) => {
    expect(violationsOf(() => loadComponent(files, name))).toBe(`Component not found [${name}]`);
  });
});

describe("what is refused, in upstream's words", () => {
  const component = (files: Record<string, string>): Record<string, string> => ({
    "manifest.yaml": multi,
    ...files,
  });
  test.each([
    [{}, "PackageManifest not found: searched at manifest.yaml and manifest.yml"],
    [
      { "manifest.yaml": manifest("a"), "manifest.yml": manifest("a") },
      "PackageManifest present multiple times",
    ],
    [
      { "manifest.yaml": manifest("a"), "manifest.lock.yaml": "", "manifest.lock.yml": "" },
      "PackageManifestLock present multiple times",
    ],
    [
      { "manifest.yaml": "kind: ConfigMap\n" },
      "unknown GVK in manifest.yaml: GroupKind must be PackageManifest.manifests.package-operator.run, is: ConfigMap",
    ],
    [
      { "manifest.yaml": `${header.replace("v1alpha1", "v1beta1")}PackageManifest\n` },
      "unknown GVK in manifest.yaml: unknown version v1beta1, supported versions: v1alpha1",
    ],
    [component({ "components/a/manifest.yaml": multi }), "Nesting multi-component packages not allowed [a]"],
    [
      component({ "components/readme.md": "" }),
      "The components directory may only contain folders and dot files in components/readme.md",
    ],
    [
      component({ "components/a/x.yaml": "" }),
      "PackageManifest not found [a]: searched at manifest.yaml and manifest.yml",
    ],
  ])("%j", (files, message) => {
    expect(violationsOf(() => loadPackage(raw(files)))).toBe(message);
  });

  test("a component of a package without components", () => {
    expect(violationsOf(() => loadComponent(raw({ "manifest.yaml": manifest("a") }), "x"))).toBe(
      "Components not enabled",
    );
  });
});
