import {
  type ContentTarget,
  decompress,
  type Descriptor,
  digestOf,
  isOciError,
  mediaTypes,
  memoryContent,
  readTar,
  safeTarPath,
} from "@package-operator/oci";
import { createFileCount } from "../content-limits.ts";
import { PackageError } from "../errors.ts";
import { importImage, type ImportImageOptions } from "../import-image.ts";
import { isHiddenPath, manifestNames, type RawPackage } from "../raw-package.ts";

/**
 * Reads a package from a tar, compressed or not: an image as `build --output` and `docker save` write it, or the folder
 * of a package.
 *
 * @throws PackageError `io` for a tar that is damaged, leaves its folder or holds no package; what `importImage` throws.
 */
export async function importArchive(
  archive: AsyncIterable<Uint8Array>,
  options: ImportImageOptions = {},
): Promise<RawPackage> {
  const files = await readFiles(archive, options);
  const manifest = files.get("manifest.json");
  return manifest === undefined ? folderOf(files) : importDockerArchive(files, manifest, options);
}

async function readFiles(
  archive: AsyncIterable<Uint8Array>,
  options: ImportImageOptions,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const count = createFileCount(options);
  try {
    for await (const entry of readTar(decompress(archive))) {
      options.signal?.throwIfAborted();
      const name = safeTarPath(entry.path);
      if (entry.type !== "file") continue;
      const problem = count(name, entry.size);
      if (problem !== undefined) throw archiveError(problem);
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry.content) chunks.push(chunk);
      files.set(name, Buffer.concat(chunks));
    }
  } catch (cause) {
    if (!isOciError(cause)) throw cause;
    throw archiveError(cause.message, cause);
  }
  return files;
}

function archiveError(reason: string, cause?: unknown): PackageError {
  return new PackageError("io", `read package archive: ${reason}`, { cause });
}

/** The folder with the manifest: the root of the tar, or the only folder in it. */
function folderOf(files: ReadonlyMap<string, Uint8Array>): RawPackage {
  const hasManifest = (prefix: string): boolean => manifestNames.some((name) => files.has(prefix + name));
  const tops = new Set([...files.keys()].map((name) => name.slice(0, name.indexOf("/") + 1)));
  const [top = ""] = tops;
  const prefix = !hasManifest("") && tops.size === 1 && hasManifest(top) ? top : "";
  const visible = [...files]
    .map(([name, content]) => [name.slice(prefix.length), content] as const)
    .filter(([name]) => !isHiddenPath(name));
  return { files: new Map(visible), labels: {} };
}

/** Puts the parts of a `docker save` archive together as an image in memory, and reads that. */
async function importDockerArchive(
  files: ReadonlyMap<string, Uint8Array>,
  manifest: Uint8Array,
  options: ImportImageOptions,
): Promise<RawPackage> {
  const { config, layers } = readArchiveManifest(manifest);
  const image = memoryContent("archive");
  const add = async (name: string, mediaType: string): Promise<Descriptor> => {
    const bytes = files.get(safeTarPath(name));
    if (bytes === undefined) throw archiveError(`manifest.json names ${name}, which is not there`);
    return addBlob(image, bytes, mediaType);
  };
  const content = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: await add(config, mediaTypes.ociConfig),
    layers: await Promise.all(layers.map((name) => add(name, mediaTypes.ociLayer))),
  };
  const bytes = Buffer.from(JSON.stringify(content));
  const descriptor = { mediaType: mediaTypes.ociManifest, digest: digestOf(bytes), size: bytes.length };
  await image.writeManifest(descriptor.digest, { descriptor, bytes });
  return importImage(image, descriptor.digest, options);
}

async function addBlob(image: ContentTarget, bytes: Uint8Array, mediaType: string): Promise<Descriptor> {
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  await image.writeBlob(descriptor, async function* (offset) {
    yield bytes.subarray(offset);
  });
  return descriptor;
}

function readArchiveManifest(bytes: Uint8Array): { config: string; layers: readonly string[] } {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (cause) {
    throw archiveError("manifest.json is not JSON", cause);
  }
  const [entry, ...others] = (Array.isArray(value) ? value : []) as readonly {
    readonly Config?: unknown;
    readonly Layers?: unknown;
  }[];
  const { Config: config, Layers: layers } = entry ?? {};
  if (typeof config !== "string" || !Array.isArray(layers)) {
    throw archiveError("manifest.json does not name a configuration and layers");
  }
  if (others.length > 0) throw archiveError("there is more than one image in it");
  return { config, layers: layers.map(String) };
}
