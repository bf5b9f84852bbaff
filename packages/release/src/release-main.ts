// npm run release -- --version v1.18.2 [--registry-prefix PREFIX] [--push PREFIX] [--output dist/release]
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { rootCertificates } from "node:tls";
import { parseArgs, promisify } from "node:util";
import { type ContentTarget, createRegistryClient, defaultKeychain, openLayout } from "@package-operator/oci";
import { releaseReference } from "./assemble-package.ts";
import { createNodeBase } from "./base-image.ts";
import { bundledPackages } from "./bundled-packages.ts";
import { buildCliBundle, cliBundleName, krewManifest } from "./cli-bundle.ts";
import { packageHelmChart } from "./helm-chart.ts";
import { buildRelease, type Release, writeRelease } from "./release.ts";
import { attachSbom, createSbom } from "./sbom.ts";
import { staticManifests } from "./static-manifests.ts";

const usage =
  "usage: npm run release -- --version TAG [--registry-prefix PREFIX] [--push PREFIX] [--output DIR]";
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
    },
  });
  const { version: tag, output } = values;
  if (tag === undefined) throw new Error(usage);
  const root = process.cwd();
  const binDir = path.join(root, "dist", "bin");
  const configDir = path.join(root, "config");
  const names = { registryPrefix: values["registry-prefix"].replace(/\/$/, ""), tag };
  // Before anything is built: a tag that is no version would fail in the middle.
  const chart = await packageHelmChart(configDir, names);
  await promisify(execFile)(process.execPath, [path.join(root, "scripts", "build.mjs")]);
  const base = await createNodeBase({ node: process.execPath, rootCertificates });
  const release = await buildRelease({ ...names, binDir, configDir, base, created });
  await rm(output, { recursive: true, force: true });
  await mkdir(path.join(output, "images"), { recursive: true });
  const openImage = async (name: string): Promise<ContentTarget> =>
    (await openLayout(path.join(output, "images", name), { create: true })).repository();
  const sboms = await createSboms(release, root, tag);
  await publish(release, sboms, tag, openImage);
  const bundle = await buildCliBundle(binDir, path.join(root, "LICENSE"));
  const files: Record<string, string | Uint8Array> = {
    "self-bootstrap-job.yaml": release.bootstrapManifest,
    "static-deployment.yaml": staticManifests(
      release.package,
      releaseReference(names, "package-operator-package"),
    ),
    [chart.fileName]: chart.content,
    [cliBundleName]: bundle,
    "package.krew.yaml": krewManifest(bundle, { tag, downloadUrl: values["download-url"] }),
    ...Object.fromEntries([...sboms].map(([name, text]) => [`${name}.spdx.json`, text])),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(output, name), content);
  await writeFile(path.join(output, "SHA256SUMS"), await checksums(output));
  if (values.push !== undefined) await push(release, sboms, tag, values.push.replace(/\/$/, ""));
  for (const { reference, image } of release.images) {
    process.stdout.write(`${reference}@${image.manifest.descriptor.digest}\n`);
  }
}

async function createSboms(release: Release, root: string, tag: string): Promise<Map<string, string>> {
  const lock = await readFile(path.join(root, "package-lock.json"), "utf8");
  const programs = bundledPackages(lock, "packages/manager");
  return new Map(
    release.images.map(({ name, reference, image }) => {
      const isProgram = name !== "package-operator-package";
      const sbom = createSbom({
        reference,
        created,
        digest: image.manifest.descriptor.digest,
        version: tag,
        packages: isProgram ? programs : [],
        ...(isProgram ? { nodeVersion: process.versions.node } : {}),
      });
      return [name, sbom];
    }),
  );
}

async function publish(
  release: Release,
  sboms: ReadonlyMap<string, string>,
  tag: string,
  open: (name: string) => Promise<ContentTarget> | ContentTarget,
): Promise<void> {
  await writeRelease(release, open, { tag });
  for (const { name, image } of release.images) {
    await attachSbom(await open(name), image.manifest.descriptor, sboms.get(name)!);
  }
}

async function push(
  release: Release,
  sboms: ReadonlyMap<string, string>,
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
