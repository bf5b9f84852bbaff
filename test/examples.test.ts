import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createPrefixMatcher } from "@package-operator/image";
import { memoryContent, writeImage } from "@package-operator/oci";
import {
  buildPackageImage,
  importFolder,
  importImage,
  loadComponent,
  loadPackage,
  lockedImages,
  objectSetTemplateSpec,
  renderPackage,
  requireConfig,
  runTemplateTests,
  validatePackage,
} from "@package-operator/packaging";
import { expect, test } from "vitest";

const folder = path.resolve(import.meta.dirname, "../examples/nginx");

test.each([
  ["nginx", "Namespaced"],
  ["snapshot-controller", "Cluster"],
] as const)("examples/%s is valid and renders to its fixtures", async (name, scope) => {
  const example = path.join(folder, "..", name);
  const pkg = loadPackage(await importFolder(example));
  validatePackage(pkg, { scope });
  expect(await runTemplateTests(pkg, example)).toEqual({ written: [] });
});

test("examples/nginx: fixtures that are missing are written as they are kept", async () => {
  const copy = await mkdtemp(path.join(tmpdir(), "example-"));
  try {
    await cp(folder, copy, { recursive: true, filter: (source) => !source.includes(".test-fixtures") });
    const pkg = loadPackage(await importFolder(copy));
    expect((await runTemplateTests(pkg, copy)).written).toHaveLength(2);
    expect(await runTemplateTests(pkg, folder)).toEqual({ written: [] });
    expect(await runTemplateTests(pkg, copy)).toEqual({ written: [] });
  } finally {
    await rm(copy, { recursive: true });
  }
});

test("examples/nginx goes through an image into phases, with its image taken from a mirror", async () => {
  const registry = memoryContent("examples/nginx");
  await writeImage(registry, await buildPackageImage(await importFolder(folder)), { tags: ["v1"] });
  const pkg = loadComponent(await importImage(registry, "v1"));
  const prefix = createPrefixMatcher([{ from: "docker.io/library/", to: "mirror.local/library/" }]);
  const objects = renderPackage(pkg, {
    package: { metadata: { name: "web", namespace: "shop" }, image: "examples/nginx:v1" },
    config: requireConfig(pkg.manifest, { replicas: 2, unknown: true }),
    ...lockedImages(pkg.lock, prefix),
    environment: { kubernetes: { version: "v1.31.0" } },
  });
  const { phases, availabilityProbes } = objectSetTemplateSpec(pkg.manifest, objects);
  expect(availabilityProbes).toHaveLength(1);
  expect(phases.map((phase) => [phase.name, phase.objects.map(({ object }) => object["kind"])])).toEqual([
    ["configure", ["ConfigMap"]],
    ["deploy", ["Deployment"]],
    ["expose", ["Service"]],
  ]);
  const [deployment] = phases[1]!.objects;
  expect(deployment).toMatchObject({
    conditionMappings: [{ sourceType: "Available", destinationType: "nginx.example.com/Serving" }],
    object: {
      metadata: {
        labels: { "package-operator.run/package": "nginx", "package-operator.run/instance": "web" },
      },
      spec: {
        replicas: 2,
        template: {
          spec: {
            containers: [
              { image: expect.stringMatching(/^mirror\.local\/library\/nginx@sha256:f4e3b6489888/) },
            ],
          },
        },
      },
    },
  });
  expect(deployment!.object["metadata"]).not.toHaveProperty("annotations");
});
