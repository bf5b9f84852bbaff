import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import type { BuiltImage, RegistryClient } from "@package-operator/oci";
import type { Package, RawPackage } from "@package-operator/packaging";
import { type Command, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { CliError, withPrefix } from "../errors.ts";
import { fileProblem } from "../files.ts";
import { boolFlag, mapFlag, stringFlag, stringsFlag } from "../flags/flag.ts";
import type { Log } from "../log.ts";
import { readSource } from "../package-source.ts";
import { insecureFlag, lookUpDigest, withUserRegistries } from "../registry-access.ts";
import { runChecks } from "../run-checks.ts";
import { fixtureFlags, runFolderTests } from "../template-tests.ts";

interface BuildOptions {
  readonly source: string;
  readonly tags: readonly string[];
  readonly output: string;
  readonly push: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly fixtures: { readonly "update-fixtures": boolean; readonly "no-generate": boolean };
  readonly log: Log;
}

export const buildCommand: Command = defineCommand({
  name: "build",
  summary: "Check a package folder and make its image",
  description:
    "Check a package folder and make its image. The image is written to a tar that `docker load` reads, pushed to the\n" +
    "registries of its tags, or both; without --output and --push it is only built to see that it can be.",
  examples: [
    "kubectl package build ./toolshed -t quay.io/yard/toolshed:v1 --push",
    "kubectl package build ./toolshed -t quay.io/yard/toolshed:v1 -o toolshed.tar",
  ],
  usage: "source_path",
  args: 1,
  flags: {
    tag: stringsFlag("reference the image gets; may be repeated", { short: "t" }),
    output: stringFlag("write the image to this tar", { short: "o" }),
    push: boolFlag("push the image to the registries of its tags"),
    label: mapFlag("KEY=VALUE: label of the image; may be repeated", { short: "l" }),
    "output-format": stringFlag("what is printed: human, digest for the digest alone, or json", {
      initial: "human",
    }),
    insecure: insecureFlag,
    ...fixtureFlags,
  },
  exclusive: [["update-fixtures", "no-generate"]],
  run: async (context, { args, flags, log }) => {
    const format = flags["output-format"];
    const options = {
      source: args[0]!,
      tags: flags.tag,
      output: flags.output,
      push: flags.push,
      labels: flags.label,
      fixtures: flags,
      log: format === "digest" ? () => undefined : log,
    };
    await checkOptions(options, format);
    const digest = await withPrefix("building from source", () =>
      withUserRegistries(context, flags.insecure, (registries) => build(context, options, registries)),
    );
    context.stdout.write(resultText(format, digest, options));
    return 0;
  },
});

function resultText(format: string, digest: string, { tags, output, push }: BuildOptions): string {
  if (format === "digest") return `${digest}\n`;
  if (format !== "json") return "Package built successfully!";
  const value = { digest, tags, archive: output === "" ? null : output, pushed: push };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

async function checkOptions(
  { source, tags, output, push, labels }: BuildOptions,
  format: string,
): Promise<void> {
  if (source === "") throw new CliError("input", "arguments invalid: source path empty");
  if ((output !== "" || push) && tags.length === 0) {
    throw new CliError("input", "arguments invalid: output or push is requested but no tags are set");
  }
  const { parseReference } = await import("@package-operator/image");
  for (const tag of tags) {
    await withPrefix(`invalid tag specified as parameter ${tag}`, () => parseReference(tag));
  }
  for (const [label, value] of Object.entries(labels)) {
    if (value === "") throw new CliError("input", `parsing label ${JSON.stringify(label)}, value is empty`);
  }
  if (!["", "human", "digest", "json"].includes(format)) {
    throw new CliError("input", `unknown output format: ${format}`);
  }
}

/** Returns the digest of the image. */
async function build(context: Context, options: BuildOptions, registries: RegistryClient): Promise<string> {
  const { source, labels, output, push, log } = options;
  log("loading source from disk", { path: source });
  const raw = await withPrefix(`load source from disk path ${source}`, () => readSource(context, source));
  await withPrefix("loading package from files", () => check(context, raw, options, registries));
  log("creating image");
  const { buildPackageImage } = await import("@package-operator/packaging");
  const image = await buildPackageImage({ files: raw.files, labels });
  if (output !== "") {
    log("writing tagged image to disk", { path: output });
    await withPrefix("exporting package to file", () => writeArchive(context, image, options));
  }
  if (push) {
    log("pushing image");
    await withPrefix("exporting package to image: push", () =>
      pushImage(context, image, options, registries),
    );
  }
  return image.manifest.descriptor.digest;
}

async function check(
  context: Context,
  raw: RawPackage,
  { source, fixtures }: BuildOptions,
  registries: RegistryClient,
): Promise<void> {
  const { checkLockedDigests, loadPackage, PackageError, validatePackage } =
    await import("@package-operator/packaging");
  const pkg = loadPackage(raw);
  const lookup = {
    check: (reference: string) => lookUpDigest(registries, reference, context.signal),
    registry: context.env["PKO_REPOSITORY_HOST"] ?? "",
  };
  const checkComponent = async ({ lock, manifest }: Package): Promise<void> => {
    try {
      await checkLockedDigests(lock, lookup);
    } catch (cause) {
      if (!(cause instanceof PackageError)) throw cause;
      throw new PackageError(cause.code, `component "${manifest.metadata.name}": ${cause.message}`, {
        cause,
      });
    }
  };
  await runChecks([
    ...pkg.components.map((component) => () => checkComponent(component)),
    () => checkLockedDigests(pkg.lock, lookup),
    () => runFolderTests(context, pkg, source, fixtures),
    () => validatePackage(pkg),
  ]);
}

async function writeArchive(
  context: Context,
  image: BuiltImage,
  { output, tags }: BuildOptions,
): Promise<void> {
  const { writeDockerArchive } = await import("@package-operator/packaging");
  const file = path.resolve(context.cwd, output);
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new CliError("input", `making directory tree: ${fileProblem("mkdir", folder, cause)}`, { cause });
  });
  const part = `${file}.part`;
  try {
    await pipeline(writeDockerArchive(image, tags), createWriteStream(part), { signal: context.signal });
    await rename(part, file);
  } catch (cause) {
    await rm(part, { force: true });
    throw new CliError("input", `dump to ${output}: ${fileProblem("open", output, cause)}`, { cause });
  }
}

async function pushImage(
  context: Context,
  image: BuiltImage,
  { tags }: BuildOptions,
  registries: RegistryClient,
): Promise<void> {
  const { writeImage } = await import("@package-operator/oci");
  for (const tag of tags) {
    const { repository, reference } = registries.image(tag);
    await writeImage(repository, image, { tags: [reference], signal: context.signal });
  }
}
