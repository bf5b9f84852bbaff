import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import {
  memoryContent,
  readTar,
  decompress,
  type ContentTarget,
  parseManifest,
  readBlob,
} from "@package-operator/oci";
import { importImage, loadPackage } from "@package-operator/packaging";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BaseImage, createNodeBase } from "./base-image.ts";
import { buildRelease, type Release, writeRelease } from "./release.ts";
import { processLabel } from "./program-image.ts";

const configDir = path.resolve(import.meta.dirname, "../../../config");
const names = { registryPrefix: "quay.io/package-operator", tag: "v1.18.2" };
const places = new Map<string, ContentTarget>();
let binDir: string;
let base: BaseImage;
let release: Release;

beforeAll(async () => {
  base = await createNodeBase({ node: process.execPath, rootCertificates: ["PEM"] });
  binDir = await mkdtemp(path.join(os.tmpdir(), "release-"));
  for (const name of ["package-operator-manager", "remote-phase-manager"]) {
    await writeFile(path.join(binDir, name), `#!/usr/bin/env node\nconsole.log("${name}");\n`);
    await mkdir(path.join(binDir, `${name}-chunks`));
    await writeFile(path.join(binDir, `${name}-chunks`, "part-1.mjs"), "export {};\n");
  }
  release = await build();
  await writeRelease(release, place, { tag: names.tag });
});
afterAll(async () => {
  await rm(binDir, { recursive: true });
});

function build(): Promise<Release> {
  return buildRelease({ ...names, binDir, configDir, bases: [base] });
}

function place(name: string): ContentTarget {
  const content = places.get(name) ?? memoryContent(name);
  places.set(name, content);
  return content;
}

async function layerPaths(name: string, index: number): Promise<Map<string, number>> {
  const source = place(name);
  const manifest = parseManifest(await source.manifest(names.tag));
  if (manifest.kind !== "image") throw new Error("an index");
  const paths = new Map<string, number>();
  for await (const entry of readTar(decompress(source.blob(manifest.layers[index]!))))
    paths.set(entry.path, entry.mode);
  return paths;
}

describe("program images", () => {
  test("share the base, and run as nobody without a shell", async () => {
    const [manager, remote] = ["package-operator-manager", "remote-phase-manager"].map(
      (name) => release.images.find((image) => image.name === name)!.images[0]!.image,
    );
    expect(remote!.layers[0]!.descriptor.digest).toBe(manager!.layers[0]!.descriptor.digest);
    const base = await layerPaths("package-operator-manager", 0);
    expect([...base.keys()]).toEqual(expect.arrayContaining(["usr/bin/node", "etc/passwd"]));
    expect([...base.keys()].filter((name) => /(^|\/)(sh|bash|busybox)$/.test(name))).toEqual([]);
  });

  test("hold the bundle with an interpreter that is inside, behind the expected entry point", async () => {
    const source = place("package-operator-manager");
    const manifest = parseManifest(await source.manifest(names.tag));
    const config: unknown = JSON.parse(
      Buffer.from(
        await readBlob(source, (manifest as { config: Parameters<typeof readBlob>[1] }).config),
      ).toString(),
    );
    expect(config).toMatchObject({
      config: {
        User: "10001",
        Entrypoint: ["/package-operator-manager"],
        Labels: { [processLabel]: "true" },
      },
    });
    const paths = await layerPaths("package-operator-manager", 1);
    expect([...paths.keys()]).toEqual(
      expect.arrayContaining([
        "app/package-operator-manager",
        "app/package-operator-manager-chunks/part-1.mjs",
        "app/package.json",
        "package-operator-manager",
      ]),
    );
    expect(paths.get("app/package-operator-manager")).toBe(0o755);
  });
});

test("the package brings the CRDs, and locks what was built in every part", async () => {
  const raw = await importImage(place("package-operator-package"), names.tag);
  const pkg = loadPackage(raw);
  expect(pkg.components.map(({ manifest }) => manifest.metadata.name)).toEqual([
    "hosted-cluster",
    "remote-phase",
  ]);
  expect([...pkg.files.keys()].filter((name) => name.startsWith("crds/"))).toHaveLength(13);
  const digests = new Map(release.images.map(({ name, manifest }) => [name, manifest.descriptor.digest]));
  for (const part of [pkg, ...pkg.components]) {
    expect(part.lock?.spec.images.length).toBeGreaterThan(0);
    for (const { name, image, digest } of part.lock!.spec.images) {
      expect(image).toBe(`quay.io/package-operator/${name}:v1.18.2`);
      expect(digest).toBe(digests.get(name));
    }
  }
});

test("the bootstrap manifest installs this release", () => {
  expect(release.bootstrapManifest).toContain(
    "image: quay.io/package-operator/package-operator-manager:v1.18.2",
  );
  expect(release.bootstrapManifest).toContain(
    "- -self-bootstrap=quay.io/package-operator/package-operator-package:v1.18.2",
  );
  expect(release.bootstrapManifest).not.toContain(":latest");
});

test("the same input gives the same digests", async () => {
  const again = await build();
  const digests = ({ images }: Release): string[] => images.map(({ manifest }) => manifest.descriptor.digest);
  expect(digests(again)).toEqual(digests(release));
});

test("a missing bundle is named", async () => {
  await expect(buildRelease({ ...names, binDir: "/nonexistent", configDir, bases: [base] })).rejects.toThrow(
    /^\/nonexistent\/[a-z-]+-manager cannot be read; run `npm run build` first$/,
  );
});
