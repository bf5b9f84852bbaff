import path from "node:path";
import {
  type ContentSource,
  decompress,
  type Descriptor,
  type Digest,
  type ImageManifest,
  isOciError,
  type ManifestContent,
  parseManifest,
  readTar,
  type TarEntry,
} from "@package-operator/oci";
import { PackageError } from "./errors.ts";

/** How much of an image is read at most. */
export interface ImageFilesOptions {
  /** Content beyond this many bytes is refused. Default: 256 MiB. */
  readonly maxBytes?: number;
  /** More files than this are refused. Default: 50,000. */
  readonly maxFiles?: number;
  /** Layers that unpack to more than this, wanted and unwanted content together, are refused. Default: 4 GiB. */
  readonly maxUnpackedBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

const MIB = 1024 * 1024;
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
  const budget = {
    bytes: options.maxBytes ?? 256 * MIB,
    files: options.maxFiles ?? 50_000,
    unpacked: options.maxUnpackedBytes ?? 4096 * MIB,
  };
  const reading = { source, selection, budget, signal: options.signal };
  for (const layer of layers) await readLayer(files, layer, reading);
  return files;
}

interface Budget {
  bytes: number;
  files: number;
  unpacked: number;
}

interface Reading {
  readonly source: ContentSource;
  readonly selection: FileSelection;
  readonly budget: Budget;
  readonly signal: AbortSignal | undefined;
}

async function readLayer(
  files: Map<string, Uint8Array>,
  layer: Descriptor,
  { source, selection, budget, signal }: Reading,
): Promise<void> {
  const { pathOf, isWanted = () => true } = selection;
  // White-outs hide what earlier layers brought, never what stands in their own layer.
  const added = new Map<string, Uint8Array>();
  try {
    for await (const entry of readTar(decompress(source.blob(layer, { signal })))) {
      budget.unpacked -= entry.size + tarHeaderBytes;
      if (budget.unpacked < 0) throw new PackageError("image", `${source.name}: layers unpack to too much`);
      if (entry.type === "directory") continue;
      const name = pathOf(entry.path);
      if (name === undefined) continue;
      if (removeHidden(files, name)) continue;
      if (entry.type !== "file" || !isWanted(name)) continue;
      added.set(name, await readContent(entry, budget, source.name));
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
