import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import {
  createRegistryClient,
  createRegistryServer,
  type ImageConfig,
  memoryStorage,
  openLayout,
  parseManifest,
  readBlob,
} from "@package-operator/oci";
import { importImage, loadPackage } from "@package-operator/packaging";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasProgram } from "../packages/oci/src/testing/docker-registry.ts";
import { writeBaseIndex } from "../packages/release/src/testing/base-index.ts";

const root = path.resolve(import.meta.dirname, "..");
const run = promisify(execFile);
const tag = "v1.2.3";
const programs = ["package-operator-manager", "remote-phase-manager"];
let dir: string;

/** `npm run release`, as npm runs it. */
function release(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const main = "packages/release/src/release-main.ts";
  return run(process.execPath, ["scripts/run.mjs", main, "--version", tag, ...args], { cwd: root });
}

/** What one image of a release has under its tag. */
async function openImage(output: string, name: string) {
  const source = (await openLayout(path.join(dir, output, "images", name))).repository();
  const content = await source.manifest(tag);
  return { source, digest: content.descriptor.digest, manifest: parseManifest(content) };
}

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), "release-command-"));
  const base = path.join(dir, "base");
  await writeBaseIndex(base, ["arm64", "amd64"]);
  await release("--base", `oci:${base}`, "--output", path.join(dir, "first"));
  await release("--base", `oci:${base}:v1`, "--output", path.join(dir, "second"));
  await run("tar", ["-xzf", path.join(dir, "first/kubectl-package.tar.gz"), "-C", dir]);
}, 120_000);
afterAll(() => rm(dir, { recursive: true }));

describe("a base for two platforms", () => {
  test.each(programs)("makes an index of %s with an image for each", async (name) => {
    const { source, manifest } = await openImage("first", name);
    if (manifest.kind !== "index") throw new Error("an image");
    expect(manifest.manifests.map(({ platform }) => platform)).toEqual([
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm64" },
    ]);
    const last: string[] = [];
    for (const { digest, platform } of manifest.manifests) {
      const image = parseManifest(await source.manifest(digest));
      if (image.kind !== "image") throw new Error("an index");
      const config = JSON.parse(Buffer.from(await readBlob(source, image.config)).toString()) as ImageConfig;
      expect(config).toMatchObject({ ...platform, config: { User: "10001", Entrypoint: [`/${name}`] } });
      last.push(image.layers.at(-1)!.digest);
    }
    // The program is the same for every processor; registries and nodes hold it once.
    expect(new Set(last).size).toBe(1);
  });

  test("leaves the package one image, whose locks name the indexes", async () => {
    const { source, manifest } = await openImage("first", "package-operator-package");
    expect(manifest.kind).toBe("image");
    const pkg = loadPackage(await importImage(source, tag));
    const digests = new Map<string, string>();
    for (const name of programs) digests.set(name, (await openImage("first", name)).digest);
    for (const part of [pkg, ...pkg.components]) {
      for (const { name, digest } of part.lock!.spec.images) expect(digest).toBe(digests.get(name));
    }
  });

  test("attaches a bill of materials to each manifest, and writes it to a file of its own", async () => {
    for (const name of programs) {
      const { source, digest, manifest } = await openImage("first", name);
      if (manifest.kind !== "index") throw new Error("an image");
      const suffixes = ["", "-linux-amd64", "-linux-arm64"];
      const subjects = [digest, ...manifest.manifests.map((child) => child.digest)];
      for (const [index, subject] of subjects.entries()) {
        const [referrer, ...others] = (await source.referrers(subject)) ?? [];
        expect(others).toEqual([]);
        const sbom = parseManifest(await source.manifest(referrer!.digest));
        if (sbom.kind !== "image") throw new Error("an index");
        const text = Buffer.from(await readBlob(source, sbom.layers[0]!)).toString();
        expect(text).toBe(
          await readFile(path.join(dir, "first", `${name}${suffixes[index]}.spdx.json`), "utf8"),
        );
        expect(text).toContain(subject.replace("sha256:", ""));
        expect(text).toContain("pkg:generic/node@20.20.2");
      }
    }
  });

  test("gives the same digests and checksums every time", async () => {
    for (const name of [...programs, "package-operator-package"]) {
      expect((await openImage("second", name)).digest).toBe((await openImage("first", name)).digest);
    }
    const sums = await readFile(path.join(dir, "first/SHA256SUMS"), "utf8");
    expect(await readFile(path.join(dir, "second/SHA256SUMS"), "utf8")).toBe(sums);
    const listed = new Map(
      sums
        .trimEnd()
        .split("\n")
        .map((line) => line.split("  ").toReversed() as [string, string]),
    );
    const files = await readdir(path.join(dir, "first"), { withFileTypes: true });
    const names = files.filter((file) => file.isFile() && file.name !== "SHA256SUMS").map(({ name }) => name);
    expect([...listed.keys()].toSorted()).toEqual(names.toSorted());
    for (const [name, sum] of listed) {
      const content = await readFile(path.join(dir, "first", name));
      expect(createHash("sha256").update(content).digest("hex")).toBe(sum);
    }
  });
});

test.skipIf(!hasProgram("skopeo"))(
  "skopeo finds every image by its tag, and the image of each platform",
  async () => {
    for (const name of [...programs, "package-operator-package"]) {
      const { digest } = await openImage("first", name);
      const source = `oci:${path.join(dir, "first/images", name)}:${tag}`;
      const { stdout } = await run("skopeo", ["inspect", "--raw", source]);
      expect(`sha256:${createHash("sha256").update(stdout).digest("hex")}`).toBe(digest);
      await run("skopeo", ["copy", "-q", "--all", source, `dir:${path.join(dir, `copy-${name}`)}`]);
    }
    for (const architecture of ["amd64", "arm64"]) {
      const source = `oci:${path.join(dir, "first/images/package-operator-manager")}:${tag}`;
      const args = ["--override-arch", architecture, "inspect", "--config", source];
      expect(JSON.parse((await run("skopeo", args)).stdout)).toMatchObject({ os: "linux", architecture });
    }
  },
);

test("a registry gets the same, with the bills of materials, and a mirror takes all of it", async () => {
  const servers = [
    createRegistryServer({ storage: memoryStorage() }),
    createRegistryServer({ storage: memoryStorage() }),
  ];
  const client = createRegistryClient();
  try {
    const [source, mirror] = await Promise.all(
      servers.map(async (server) => (await server.listen()).address),
    );
    const prefix = `${source}/pko`;
    const output = path.join(dir, "pushed");
    await release(
      "--base",
      `oci:${path.join(dir, "base")}`,
      "--output",
      output,
      "--push",
      prefix,
      "--registry-prefix",
      prefix,
    );
    await run(process.execPath, [
      path.join(dir, "kubectl-package"),
      ...["mirror", path.join(output, "self-bootstrap-job.yaml"), "--to", `${mirror}/mirror`],
      ...["--lock", path.join(dir, "mirror.lock.yaml")],
    ]);
    for (const name of programs) {
      const { digest } = await openImage("pushed", name);
      for (const place of [`${prefix}/${name}`, `${mirror}/mirror/${name}`]) {
        const { repository } = client.image(`${place}@${digest}`);
        const index = parseManifest(await repository.manifest(digest));
        if (index.kind !== "index") throw new Error("an image");
        for (const child of index.manifests) expect(await repository.resolve(child.digest)).toBeDefined();
      }
      const { repository } = client.image(`${prefix}/${name}@${digest}`);
      expect(await repository.referrers(digest)).toHaveLength(1);
    }
  } finally {
    await client.close();
    for (const server of servers) await server.close();
  }
}, 60_000);

test("the programs say the version of the release", async () => {
  const { stdout } = await run(process.execPath, [path.join(dir, "kubectl-package"), "version"]);
  expect(stdout).toMatch(/^pko\tv1\.2\.3\n/);
});

describe("what does not fit is refused before anything is written", () => {
  const output = () => ["--output", path.join(dir, "refused")];
  const base = () => `oci:${path.join(dir, "base")}`;
  test.each([
    ["a missing layout", () => ["--base", "oci:/nonexistent/base"], /\/nonexistent\/base/],
    ["a missing tag", () => ["--base", `${base()}:v9`], /v9/],
    [
      "a missing platform",
      () => ["--base", base(), "--platform", "linux/s390x"],
      /has no image for linux\/s390x/,
    ],
    ["a platform that is none", () => ["--base", base(), "--platform", "arm64"], /arm64 is not a platform/],
    ["a platform without a base", () => ["--platform", "linux/arm64"], /--base, which is missing/],
    [
      "a layout of several images",
      () => ["--base", `oci:${path.join(dir, "first/images/remote-phase-manager")}`],
      /say which with :TAG/,
    ],
  ])("%s", async (_what, args, message) => {
    await expect(release(...args(), ...output())).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(message) as string,
    });
    expect(await readdir(dir)).not.toContain("refused");
  });
});
