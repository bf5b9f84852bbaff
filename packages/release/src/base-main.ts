// npm run release:base -- [--output dist/base] [--platform linux/arm64]... [--node-version 20.20.2] [--suite bookworm]
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { rootCertificates } from "node:tls";
import { parseArgs, promisify } from "node:util";
import { buildImage, openLayout } from "@package-operator/oci";
import { createDebianBase, type RunProgram } from "./debian-base.ts";
import { combinePlatforms, type PlatformImage, writePlatforms } from "./platform-images.ts";
import { parsePlatform } from "./pulled-base.ts";

const run: RunProgram = async (folder, program, args) => {
  await promisify(execFile)(program, args, { cwd: folder });
};

/** Makes a base for several platforms, as a layout for `npm run release -- --base oci:DIR`. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      output: { type: "string", default: path.join("dist", "base") },
      platform: { type: "string", multiple: true, default: ["linux/amd64", "linux/arm64"] },
      "node-version": { type: "string", default: process.versions.node },
      suite: { type: "string", default: "bookworm" },
    },
  });
  const folder = await mkdtemp(path.join(os.tmpdir(), "release-base-"));
  try {
    const images: PlatformImage[] = [];
    for (const [index, platform] of values.platform.map(parsePlatform).entries()) {
      const work = path.join(folder, String(index));
      await mkdir(work);
      const { "node-version": nodeVersion, suite } = values;
      const base = await createDebianBase({
        platform,
        nodeVersion,
        suite,
        folder: work,
        rootCertificates,
        run,
      });
      const { layers, env } = base;
      const config = env === undefined ? {} : { Env: env };
      images.push({ image: buildImage({ format: "oci", layers, platform, config }), base });
    }
    const base = combinePlatforms(images);
    await rm(values.output, { recursive: true, force: true });
    const target = (await openLayout(values.output, { create: true })).repository();
    await writePlatforms(target, base, { tag: values["node-version"] });
    process.stdout.write(`oci:${values.output}@${base.manifest.descriptor.digest}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`Error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
