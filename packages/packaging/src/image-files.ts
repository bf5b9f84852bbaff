import path from "node:path";
import {
  type ContentSource,
  type Descriptor,
  type Digest,
  type ImageManifest,
  isOciError,
  type ManifestContent,
  parseManifest,
  readLayer,
  type TarEntry,
} from "@package-operator/oci";
import { type ContentLimits, type CountFile, createFileCount } from "./content-limits.ts";
import { PackageError } from "./errors.ts";

/** How much of an image is read at most. */
export interface ImageFilesOptions extends ContentLimits {
  /** Layers that unpack to more than this, wanted and unwanted content together, are refused. Default: 4 GiB. */
  readonly maxUnpackedBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

const GIB = 1024 ** 3;
const tarHeaderBytes = 512;

/** Which entries of an image's layers are read. */
export interface FileSelection {
  /** The path that an entry gets; undefined leaves it out. */
  readonly pathOf: (entry: string) => string | undefined;
  /** Whether a file is kept; white-outs are seen before. Default: all. */
  readonly isWanted?: (path: string) => boolean;
}

/** An image as it was found behind a reference. */
export interface FoundImage {
  readonly manifest: ImageManifest;
  /** Digest of the manifest: of an index that of the image that was chosen from it. */
  readonly digest: Digest;
}

/**
 * Finds the image behind a tag or digest. Of an index the `linux/amd64` image is taken, whatever machine this is: packages
 * are data.
 * @throws PackageError `image` when there is none; OciError from the source.
 */
export async function findImage(
  source: ContentSource,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<FoundImage> {
  let content: ManifestContent = await source.manifest(reference, { signal });
  let manifest = parseManifest(content);
  if (manifest.kind === "index") {
    const child = chooseChild(manifest.manifests, `${source.name}:${reference}`);
    content = await source.manifest(child.digest, { signal });
    manifest = parseManifest(content);
  }
  const { digest } = content.descriptor;
  if (manifest.kind === "image") return { manifest, digest };
  throw new PackageError("image", `${source.name}: ${digest} is an index inside an index`);
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

/**
 * Reads files of an image into memory: later layers win, white-outs are honoured.
 * @throws PackageError `image` for damaged layers or too much of them; OciError from the source.
 */
export async function readImageFiles(
  source: ContentSource,
  { layers }: ImageManifest,
  selection: FileSelection,
  options: ImageFilesOptions = {},
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const reading = {
    source,
    selection,
    count: createFileCount(options),
    unpackedBytes: options.maxUnpackedBytes ?? 4 * GIB,
    signal: options.signal,
  };
  for (const layer of layers) await addLayer(files, layer, reading);
  return files;
}

interface Reading {
  readonly source: ContentSource;
  readonly selection: FileSelection;
  readonly count: CountFile;
  /** How much more may be unpacked. */
  unpackedBytes: number;
  readonly signal: AbortSignal | undefined;
}

async function addLayer(files: Map<string, Uint8Array>, layer: Descriptor, reading: Reading): Promise<void> {
  const { source, selection, signal } = reading;
  const { pathOf, isWanted = () => true } = selection;
  const tooMuch = `${source.name}: layers unpack to too much`;
  // Hardly anything unpacks to less than it takes packed, so such a layer is not even fetched.
  if (layer.size > reading.unpackedBytes) {
    throw new PackageError("image", `${tooMuch}: ${layer.digest} has ${layer.size} bytes`);
  }
  // White-outs hide what earlier layers brought, never what stands in their own layer.
  const added = new Map<string, Uint8Array>();
  try {
    for await (const entry of readLayer(source.blob(layer, { signal }))) {
      reading.unpackedBytes -= entry.size + tarHeaderBytes;
      if (reading.unpackedBytes < 0) throw new PackageError("image", `${tooMuch} at ${entry.path}`);
      if (entry.type === "directory") continue;
      const name = pathOf(entry.path);
      if (name === undefined) continue;
      if (removeHidden(files, name)) continue;
      if (entry.type !== "file" || !isWanted(name)) continue;
      added.set(name, await readContent(entry, reading));
    }
  } catch (cause) {
    if (!isOciError(cause) || cause.code === "not-found") throw cause;
    throw new PackageError("image", `read layer contents: ${cause.message}`, { cause });
  }
  for (const [name, content] of added) files.set(name, content);
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

async function readContent(entry: TarEntry, { count, source }: Reading): Promise<Uint8Array> {
  const problem = count(entry.path, entry.size);
  if (problem !== undefined) throw new PackageError("image", `${source.name}: ${problem}`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry.content) chunks.push(chunk);
  return Buffer.concat(chunks);
}
