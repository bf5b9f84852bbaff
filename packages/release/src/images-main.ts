// npm run images -- --registry-prefix quay.io/package-operator --tag v1.18.2 [--output dist/images] [--base IMAGE]
import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { rootCertificates } from "node:tls";
import { parseArgs, promisify } from "node:util";
import { type ContentTarget, createRegistryClient, defaultKeychain, openLayout } from "@package-operator/oci";
import { type BaseImage, createNodeBase } from "./base-image.ts";
import { pullBase } from "./pulled-base.ts";
import { buildRelease, writeRelease } from "./release.ts";

const usage =
  "usage: npm run images -- --registry-prefix PREFIX --tag TAG [--output DIR] [--base IMAGE [--base-node PATH]]";

/** Builds the programs and writes each image as an OCI layout, and the bootstrap manifest beside them. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      "registry-prefix": { type: "string" },
      tag: { type: "string" },
      output: { type: "string", default: path.join("dist", "images") },
      base: { type: "string" },
      "base-node": { type: "string" },
    },
  });
  const { "registry-prefix": registryPrefix, tag, output } = values;
  if (registryPrefix === undefined || tag === undefined) throw new Error(usage);
  const root = process.cwd();
  await promisify(execFile)(process.execPath, [path.join(root, "scripts", "build.mjs")]);
  const release = await buildRelease({
    registryPrefix: registryPrefix.replace(/\/$/, ""),
    tag,
    binDir: path.join(root, "dist", "bin"),
    configDir: path.join(root, "config"),
    base: await makeBase(values.base, values["base-node"]),
  });
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  const open = async (name: string): Promise<ContentTarget> =>
    (await openLayout(path.join(output, name), { create: true })).repository();
  await writeRelease(release, open, { tag });
  await writeFile(path.join(output, "self-bootstrap-job.yaml"), release.bootstrapManifest);
  for (const { reference, image } of release.images) {
    process.stdout.write(`${reference}@${image.manifest.descriptor.digest}\n`);
  }
}

/** The base image that was named, or one made of the running Node. */
async function makeBase(image: string | undefined, node: string | undefined): Promise<BaseImage> {
  if (image === undefined) return createNodeBase({ node: process.execPath, rootCertificates });
  const keychain = defaultKeychain({ env: process.env });
  const client = createRegistryClient({ keychain, env: process.env });
  try {
    const { repository, reference } = client.image(image);
    const architecture = process.arch === "x64" ? "amd64" : process.arch;
    const platform = { os: "linux", architecture };
    return await pullBase(repository, { reference, platform, rootCertificates, node });
  } finally {
    await client.close();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`Error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
