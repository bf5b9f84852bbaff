// npm run release -- --version v1.18.2 [--registry-prefix PREFIX] [--push PREFIX] [--output dist/release]
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { type ContentTarget, createRegistryClient, defaultKeychain, openLayout } from "@package-operator/oci";
import { releaseReference } from "./assemble-package.ts";
import { baseOptions, baseUsage, openBases } from "./base-option.ts";
import { withPrograms } from "./build-programs.ts";
import { bundledPackages } from "./bundled-packages.ts";
import { buildCliBundle, cliBundleName, krewManifest } from "./cli-bundle.ts";
import { packageHelmChart } from "./helm-chart.ts";
import { attachReleaseSboms, createReleaseSboms, type ReleaseSbom } from "./release-sboms.ts";
import { buildRelease, type Release, writeRelease } from "./release.ts";
import { staticManifests } from "./static-manifests.ts";

const usage = `usage: npm run release -- --version TAG [--registry-prefix PREFIX] [--push PREFIX] [--output DIR] ${baseUsage}`;
const created = "1970-01-01T00:00:00Z";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      version: { type: "string" },
      "registry-prefix": { type: "string", default: "quay.io/package-operator" },
      push: { type: "string" },
      output: { type: "string", default: path.join("dist", "release") },
      "download-url": {
        type: "string",
        default: "https://github.com/package-operator/package-operator/releases/download",
      },
      ...baseOptions,
    },
  });
  const { version: tag, output } = values;
  if (tag === undefined) throw new Error(usage);
  const root = process.cwd();
  const configDir = path.join(root, "config");
  const names = { registryPrefix: values["registry-prefix"].replace(/\/$/, ""), tag };
  // Before anything is built: a tag that is no version, or a base that does not fit, would fail in the middle.
  const chart = await packageHelmChart(configDir, names);
  const bases = await openBases(values, process);
  const { release, bundle } = await withPrograms(root, tag, async (binDir) => ({
    release: await buildRelease({ ...names, binDir, configDir, bases, created }),
    bundle: await buildCliBundle(binDir, path.join(root, "LICENSE")),
  }));
  await rm(output, { recursive: true, force: true });
  await mkdir(path.join(output, "images"), { recursive: true });
  const openImage = async (name: string): Promise<ContentTarget> =>
    (await openLayout(path.join(output, "images", name), { create: true })).repository();
  const sboms = await sbomsOf(release, root, tag);
  await publish(release, sboms, tag, openImage);
  const files: Record<string, string | Uint8Array> = {
    "self-bootstrap-job.yaml": release.bootstrapManifest,
    "static-deployment.yaml": staticManifests(
      release.package,
      releaseReference(names, "package-operator-package"),
    ),
    [chart.fileName]: chart.content,
    [cliBundleName]: bundle,
    "package.krew.yaml": krewManifest(bundle, { tag, downloadUrl: values["download-url"] }),
    ...Object.fromEntries(sboms.map(({ fileName, text }) => [fileName, text])),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(output, name), content);
  await writeFile(path.join(output, "SHA256SUMS"), await checksums(output));
  if (values.push !== undefined) await push(release, sboms, tag, values.push.replace(/\/$/, ""));
  for (const { reference, manifest } of release.images) {
    process.stdout.write(`${reference}@${manifest.descriptor.digest}\n`);
  }
}

async function sbomsOf(release: Release, root: string, version: string): Promise<ReleaseSbom[]> {
  const lock = await readFile(path.join(root, "package-lock.json"), "utf8");
  return createReleaseSboms(release, {
    created,
    version,
    packages: bundledPackages(lock, "packages/manager"),
  });
}

async function publish(
  release: Release,
  sboms: readonly ReleaseSbom[],
  tag: string,
  open: (name: string) => Promise<ContentTarget> | ContentTarget,
): Promise<void> {
  await writeRelease(release, open, { tag });
  await attachReleaseSboms(sboms, open);
}

async function push(
  release: Release,
  sboms: readonly ReleaseSbom[],
  tag: string,
  prefix: string,
): Promise<void> {
  const client = createRegistryClient({ keychain: defaultKeychain({ env: process.env }), env: process.env });
  try {
    await publish(release, sboms, tag, (name) => client.image(`${prefix}/${name}:${tag}`).repository);
  } finally {
    await client.close();
  }
}

/** The lines of `sha256sum`, for every file but the list itself and the layouts, whose digests are their names. */
async function checksums(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const lines = await Promise.all(
    names.toSorted().map(async (name) => {
      const digest = createHash("sha256")
        .update(await readFile(path.join(folder, name)))
        .digest("hex");
      return `${digest}  ${name}\n`;
    }),
  );
  return lines.join("");
}

try {
  await main();
} catch (error) {
  process.stderr.write(`Error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
