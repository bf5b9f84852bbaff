import type { ImageReference } from "@package-operator/image";
import type { RegistryClient } from "@package-operator/oci";
import type { PackageManifest, Repository } from "@package-operator/packaging";
import { type Command, type CommandGroup, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { CliError, withPrefix } from "../errors.ts";
import { writeText } from "../files.ts";
import { insecureFlag, withUserRegistries } from "../registry-access.ts";
import { pullRepository, readRepository } from "../repositories.ts";
import { timestamp } from "../timestamp.ts";

const flags = { insecure: insecureFlag };

const initializeCommand: Command = defineCommand({
  name: "initialize",
  aliases: ["init"],
  summary: "Start a repository file",
  usage: "file name",
  args: 2,
  flags: {},
  run: async (context, { args }) => {
    const [file, name] = args as [string, string];
    requireArguments({ name, file });
    await writeRepository(context, file, { name, entries: [] });
    return 0;
  },
});

const addCommand: Command = defineCommand({
  name: "add",
  summary: "Add an image of a package, with the versions that it is, to a repository file",
  examples: ["kubectl package repo add yard.yaml quay.io/yard/toolshed:v1.2.0 1.2.0"],
  usage: "file package version...",
  args: { min: 3, max: Number.POSITIVE_INFINITY },
  flags,
  run: async (context, { args, flags: { insecure } }) => {
    const [file, pkg, ...versions] = args as [string, string, ...string[]];
    const { formatRepository: formatImage, parseReference } = await import("@package-operator/image");
    const reference = await withPrefix("package reference", () => parseReference(pkg, { strict: true }));
    const { parseVersion } = await import("@package-operator/schema");
    for (const version of versions) await withPrefix("version", () => parseVersion(version));
    const repository = await readRepository(context, file);
    const { manifest, digest } = await pullPackage(context, reference, insecure);
    const { addEntry } = await import("@package-operator/packaging");
    const entry = {
      name: manifest.metadata.name,
      image: formatImage(reference),
      digest,
      versions,
      constraints: manifest.spec.constraints,
    };
    const changed = await withPrefix("add new entry", () => addEntry(repository, entry));
    await writeRepository(context, file, changed);
    return 0;
  },
});

const removeCommand: Command = defineCommand({
  name: "remove",
  summary: "Remove an image of a package from a repository file",
  usage: "file package",
  args: 2,
  flags,
  run: async (context, { args, flags: { insecure } }) => {
    const [file, pkg] = args as [string, string];
    const { parseReference } = await import("@package-operator/image");
    const reference = await withPrefix("given package reference", () =>
      parseReference(pkg, { strict: true }),
    );
    const repository = await withPrefix("read from file", () => readRepository(context, file));
    const { manifest, digest } = await pullPackage(context, reference, insecure);
    const { removeEntry } = await import("@package-operator/packaging");
    // Upstream's words, although it removes: scripts look for them.
    const changed = await withPrefix("add new entry", () =>
      removeEntry(repository, manifest.metadata.name, digest),
    );
    await writeRepository(context, file, changed);
    return 0;
  },
});

const pushCommand: Command = defineCommand({
  name: "push",
  summary: "Push a repository file as an image",
  usage: "file tag",
  args: 2,
  flags,
  run: async (context, { args, flags: { insecure } }) => {
    const [file, tag] = args as [string, string];
    requireArguments({ tag, file });
    const repository = await withPrefix("read from file", () => readRepository(context, file));
    await withUserRegistries(context, insecure, (registries) =>
      // Upstream's words, although it pushes.
      withPrefix("pull repository image", () => pushRepository(context, registries, repository, tag)),
    );
    return 0;
  },
});

const pullCommand: Command = defineCommand({
  name: "pull",
  summary: "Pull a repository image into a file",
  usage: "file tag",
  args: 2,
  flags,
  run: async (context, { args, flags: { insecure } }) => {
    const [file, tag] = args as [string, string];
    requireArguments({ tag, file });
    const repository = await withUserRegistries(context, insecure, (registries) =>
      pullRepository(context, registries, tag),
    );
    await writeRepository(context, file, repository);
    return 0;
  },
});

export const repositoryCommand: CommandGroup = {
  kind: "group",
  name: "repository",
  aliases: ["repo"],
  summary: "Keep lists of packages and their versions, which `update` resolves dependencies from",
  commands: [initializeCommand, addCommand, removeCommand, pushCommand, pullCommand],
};

function requireArguments(values: Readonly<Record<string, string>>): void {
  const empty = Object.keys(values).find((name) => values[name] === "");
  if (empty !== undefined) throw new CliError("input", `arguments invalid: ${empty} must be not empty`);
}

async function writeRepository(context: Context, file: string, repository: Repository): Promise<void> {
  const { formatRepository } = await import("@package-operator/packaging");
  const text = formatRepository(repository, timestamp(context.now()));
  await withPrefix("write to file", () => writeText(context, file, text, { mode: 0o600, step: "open" }));
}

async function pushRepository(
  context: Context,
  registries: RegistryClient,
  content: Repository,
  tag: string,
): Promise<void> {
  const { buildRepositoryImage } = await import("@package-operator/packaging");
  const { writeImage } = await import("@package-operator/oci");
  const { repository, reference } = registries.image(tag);
  const image = await buildRepositoryImage(content, timestamp(context.now()));
  await writeImage(repository, image, { tags: [reference], signal: context.signal });
}

/**
 * Pulls a package to learn what its manifest says. The digest is that of the image which was read, not of an index around
 * it, and bare hex: so do repositories have it.
 */
function pullPackage(
  context: Context,
  { registry, repository: name, identifier }: ImageReference,
  insecure: boolean,
): Promise<{ readonly manifest: PackageManifest; readonly digest: string }> {
  const { signal } = context;
  return withUserRegistries(context, insecure, async (registries) => {
    const { findImage, importImage, loadPackage } = await import("@package-operator/packaging");
    const source = registries.repository(registry, name);
    const { digest } = await withPrefix("pull package image", () => findImage(source, identifier, signal));
    const raw = await withPrefix("raw package from package image", () =>
      importImage(source, digest, { signal }),
    );
    const { manifest } = await withPrefix("package from raw package", () => loadPackage(raw));
    return { manifest, digest: digest.replace(/^sha256:/, "") };
  });
}
