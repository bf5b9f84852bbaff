import path from "node:path";
import type { RegistryClient } from "@package-operator/oci";
import type { LockDependency, PackageManifest, RawPackage } from "@package-operator/packaging";
import { type Command, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { CliError, withPrefix } from "../errors.ts";
import { writeText } from "../files.ts";
import { boolFlag } from "../flags/flag.ts";
import { outputFlag, writeResult } from "../output.ts";
import { insecureFlag, lookUpDigest, withUserRegistries } from "../registry-access.ts";
import { manifestRepositories } from "../repositories.ts";
import { timestamp } from "../timestamp.ts";

export const updateCommand: Command = defineCommand({
  name: "update",
  summary: "Resolve images and dependencies into the lock file",
  description:
    "Resolve the images of a package to digests and its dependencies to versions, and write them to the lock file in\n" +
    "its folder. Components have lock files of their own; --recursive updates them too.",
  usage: "source_path",
  args: 1,
  flags: {
    insecure: insecureFlag,
    recursive: boolFlag("also update the lock files of all components"),
    output: outputFlag,
  },
  run: async (context, { args, flags }) => {
    const folder = args[0]!;
    if (folder === "") throw new CliError("input", "arguments invalid: target path empty");
    const written = await withUserRegistries(context, flags.insecure, async (registries) => {
      const components = flags.recursive ? await componentFolders(context, folder) : [];
      const files: string[] = [];
      for (const place of [...components, folder]) {
        const file = await updateFolder(context, place, registries);
        if (file !== undefined) files.push(file);
      }
      return files;
    });
    const text = written.length > 0 ? "Package updated successfully!\n" : "Package is already up-to-date\n";
    await writeResult(context, flags.output, { value: { updated: written }, text });
    return 0;
  },
});

function readFolder(context: Context, folder: string): Promise<RawPackage> {
  return withPrefix("generating lock data: loading package", async () => {
    const { importFolder } = await import("@package-operator/packaging");
    return importFolder(path.resolve(context.cwd, folder), { signal: context.signal });
  });
}

async function componentFolders(context: Context, folder: string): Promise<string[]> {
  const { loadPackage } = await import("@package-operator/packaging");
  const raw = await readFolder(context, folder);
  const { components } = await withPrefix("generating lock data: loading package", () => loadPackage(raw));
  return components.map(({ manifest }) => path.join(folder, "components", manifest.metadata.name));
}

/** Updates one folder and returns its lock file; undefined when that was right already and has been left alone. */
async function updateFolder(
  context: Context,
  folder: string,
  registries: RegistryClient,
): Promise<string | undefined> {
  const { formatLock, loadPackage, updateLock } = await import("@package-operator/packaging");
  const raw = await readFolder(context, folder);
  const pkg = await withPrefix("generating lock data: loading package", () => loadPackage(raw));
  const { lock, changed } = await withPrefix("generating lock data", async () =>
    updateLock(pkg.manifest, {
      resolveDigest: (reference) => lookUpDigest(registries, reference, context.signal),
      registry: context.env["PKO_REPOSITORY_HOST"] ?? "",
      current: pkg.lock,
      dependencies: await solve(context, pkg.manifest, registries),
      now: timestamp(context.now()),
    }),
  );
  if (!changed) return undefined;
  const name = raw.files.has("manifest.lock.yml") ? "manifest.lock.yml" : "manifest.lock.yaml";
  const text = await keepMetadata(formatLock(lock), raw.files.get(name));
  const file = path.join(folder, name);
  await withPrefix("writing lock file", () => writeText(context, file, text, { step: "open" }));
  return file;
}

/** The dependencies of a manifest as its repositories fulfil them. */
async function solve(
  context: Context,
  manifest: PackageManifest,
  registries: RegistryClient,
): Promise<readonly LockDependency[]> {
  if (manifest.spec.dependencies.length === 0) return [];
  const { solveDependencies } = await import("@package-operator/packaging");
  return solveDependencies(manifest, await manifestRepositories(context, manifest, registries));
}

/** A lock that is written anew keeps the labels and annotations that somebody gave it. */
async function keepMetadata(text: string, previous: Uint8Array | undefined): Promise<string> {
  if (previous === undefined) return text;
  const { decodeYaml, encodeYaml, isJsonObject } = await import("@package-operator/kube-yaml");
  const old = decodeYaml(Buffer.from(previous).toString("utf8"));
  const metadata = isJsonObject(old) ? old["metadata"] : undefined;
  const lock = decodeYaml(text);
  if (!isJsonObject(metadata) || !isJsonObject(lock) || !isJsonObject(lock["metadata"])) return text;
  const kept = Object.entries(metadata).filter(([key]) => key === "labels" || key === "annotations");
  if (kept.length === 0) return text;
  return encodeYaml({ ...lock, metadata: { ...lock["metadata"], ...Object.fromEntries(kept) } });
}
