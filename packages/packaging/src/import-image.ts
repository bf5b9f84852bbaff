import path from "node:path";
import {
  type ContentSource,
  decompress,
  type Descriptor,
  type ImageConfig,
  type ImageManifest,
  isOciError,
  type ManifestContent,
  parseManifest,
  readBlob,
  readTar,
  type TarEntry,
} from "@package-operator/oci";
import { PackageError, violationError } from "./errors.ts";
import { imageFolder, isHiddenPath, type RawPackage } from "./raw-package.ts";

export interface ImportImageOptions {
  /** Content beyond this many bytes is refused. Default: 256 MiB. */
  readonly maxBytes?: number;
  /** More files than this are refused. Default: 50,000. */
  readonly maxFiles?: number;
  /** Layers that unpack to more than this, inside and outside of the package, are refused. Default: 4 GiB. */
  readonly maxUnpackedBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

const MIB = 1024 * 1024;
const tarHeaderBytes = 512;

/**
 * Reads a package from an image: the files below `package/` of all its layers, later layers winning, white-outs honoured.
 * Of an index the `linux/amd64` image is taken, whatever machine this is: packages are data.
 *
 * @throws PackageError `violation` when there are no files, `image` for content that cannot be a package; OciError from
 *   the source.
 */
export async function importImage(
  source: ContentSource,
  reference: string,
  options: ImportImageOptions = {},
): Promise<RawPackage> {
  const { signal } = options;
  const manifest = await packageManifest(source, reference, signal);
  const files = new Map<string, Uint8Array>();
  const budget = {
    bytes: options.maxBytes ?? 256 * MIB,
    files: options.maxFiles ?? 50_000,
    unpacked: options.maxUnpackedBytes ?? 4096 * MIB,
  };
  for (const layer of manifest.layers) await readLayer(files, source, layer, budget, signal);
  if (files.size === 0) throw violationError({ reason: "no-files" });
  return { files, labels: await imageLabels(source, manifest, signal) };
}

async function packageManifest(
  source: ContentSource,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<ImageManifest> {
  let content: ManifestContent = await source.manifest(reference, { signal });
  let manifest = parseManifest(content);
  if (manifest.kind === "index") {
    const child = chooseChild(manifest.manifests, `${source.name}:${reference}`);
    content = await source.manifest(child.digest, { signal });
    manifest = parseManifest(content);
  }
  if (manifest.kind === "image") return manifest;
  throw new PackageError("image", `${source.name}: ${content.descriptor.digest} is an index inside an index`);
}

/** A child without platform counts as linux/amd64; an only image is taken whatever it says. */
function chooseChild(children: readonly Descriptor[], name: string): Descriptor {
  const images = children.filter(({ platform }) => platform?.os !== "unknown");
  const fitting = images.find(
    ({ platform }) =>
      platform === undefined || (platform.os === "linux" && platform.architecture === "amd64"),
  );
  const chosen = fitting ?? (images.length === 1 ? images[0] : undefined);
  if (chosen !== undefined) return chosen;
  throw new PackageError("image", `no child with platform linux/amd64 in index ${name}`);
}

async function imageLabels(
  source: ContentSource,
  manifest: ImageManifest,
  signal: AbortSignal | undefined,
): Promise<Readonly<Record<string, string>>> {
  const bytes = await readBlob(source, manifest.config, { signal });
  try {
    const config = JSON.parse(Buffer.from(bytes).toString("utf8")) as Partial<ImageConfig> | null;
    return config?.config?.Labels ?? {};
  } catch (cause) {
    throw new PackageError("image", `get configFile for Image: ${(cause as Error).message}`, { cause });
  }
}

interface Budget {
  bytes: number;
  files: number;
  unpacked: number;
}

async function readLayer(
  files: Map<string, Uint8Array>,
  source: ContentSource,
  layer: Descriptor,
  budget: Budget,
  signal: AbortSignal | undefined,
): Promise<void> {
  // White-outs hide what earlier layers brought, never what stands in their own layer.
  const added = new Map<string, Uint8Array>();
  try {
    for await (const entry of readTar(decompress(source.blob(layer, { signal })))) {
      budget.unpacked -= entry.size + tarHeaderBytes;
      if (budget.unpacked < 0) throw new PackageError("image", `${source.name}: layers unpack to too much`);
      if (entry.type === "directory") continue;
      const name = packagePath(entry.path);
      if (name === undefined) continue;
      if (removeHidden(files, name)) continue;
      if (entry.type !== "file" || isHiddenPath(name)) continue;
      added.set(name, await readContent(entry, budget, source.name));
    }
  } catch (cause) {
    if (!isOciError(cause) || cause.code === "not-found") throw cause;
    throw new PackageError("image", `read layer contents: ${cause.message}`, { cause });
  }
  for (const [name, content] of added) files.set(name, content);
}

/** The entry's path below `package/`; undefined for everything outside. */
function packagePath(name: string): string | undefined {
  const safe = path.posix.normalize(name.replaceAll("\\", "/"));
  if (safe === "." || safe === ".." || safe.startsWith("../")) return undefined;
  if (name.startsWith("/")) {
    throw new PackageError(
      "image",
      `package image contains files not under the dir package: Rel: can't make ${name} relative to package`,
    );
  }
  const clean = path.posix.normalize(name);
  return clean.startsWith(`${imageFolder}/`) ? clean.slice(imageFolder.length + 1) : undefined;
}

/** Carries out a white-out entry; false when the name is none. */
function removeHidden(files: Map<string, Uint8Array>, name: string): boolean {
  const base = path.posix.basename(name);
  if (!base.startsWith(".wh.")) return false;
  const folder = name.slice(0, name.length - base.length);
  const target = folder + base.slice(".wh.".length);
  for (const known of files.keys()) {
    const hidden =
      base === ".wh..wh..opq" ? known.startsWith(folder) : known === target || known.startsWith(`${target}/`);
    if (hidden) files.delete(known);
  }
  return true;
}

async function readContent(entry: TarEntry, budget: Budget, name: string): Promise<Uint8Array> {
  budget.bytes -= entry.size;
  budget.files -= 1;
  if (budget.bytes < 0)
    throw new PackageError("image", `${name}: package content is too large at ${entry.path}`);
  if (budget.files < 0)
    throw new PackageError("image", `${name}: package has too many files at ${entry.path}`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry.content) chunks.push(chunk);
  return Buffer.concat(chunks);
}
