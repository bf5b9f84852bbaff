// npm run images -- --registry-prefix quay.io/package-operator --tag v1.18.2 [--output dist/images]
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { type ContentTarget, openLayout } from "@package-operator/oci";
import { baseOptions, baseUsage, openBases } from "./base-option.ts";
import { withPrograms } from "./build-programs.ts";
import { buildRelease, writeRelease } from "./release.ts";

const usage = `usage: npm run images -- --registry-prefix PREFIX --tag TAG [--output DIR] ${baseUsage}`;

/** Builds the programs and writes each image as an OCI layout, and the bootstrap manifest beside them. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      "registry-prefix": { type: "string" },
      tag: { type: "string" },
      output: { type: "string", default: path.join("dist", "images") },
      ...baseOptions,
    },
  });
  const { "registry-prefix": registryPrefix, tag, output } = values;
  if (registryPrefix === undefined || tag === undefined) throw new Error(usage);
  const root = process.cwd();
  const bases = await openBases(values, process);
  const release = await withPrograms(root, tag, (binDir) =>
    buildRelease({
      registryPrefix: registryPrefix.replace(/\/$/, ""),
      tag,
      binDir,
      configDir: path.join(root, "config"),
      bases,
    }),
  );
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  const open = async (name: string): Promise<ContentTarget> =>
    (await openLayout(path.join(output, name), { create: true })).repository();
  await writeRelease(release, open, { tag });
  await writeFile(path.join(output, "self-bootstrap-job.yaml"), release.bootstrapManifest);
  for (const { reference, manifest } of release.images) {
    process.stdout.write(`${reference}@${manifest.descriptor.digest}\n`);
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`Error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
