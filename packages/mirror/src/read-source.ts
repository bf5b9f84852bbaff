import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { parseReference } from "@package-operator/image";
import { decodeYaml, type JsonValue } from "@package-operator/kube-yaml";
import { importArchive, importFolder, type RawPackage } from "@package-operator/packaging";
import { bootstrapLeaks, bootstrapRequests } from "./bootstrap-job.ts";
import type { ClosureRoots, ImageRequest } from "./closure.ts";
import { MirrorError } from "./errors.ts";
import { isMirrorLock, type MirrorLock, parseMirrorLock } from "./lock.ts";

/** How to read what a user named as a source. */
export interface ReadSourceOptions {
  /** Relative paths are resolved against it. */
  readonly cwd: string;
  /** Reads stdin, for the source `-`. */
  readonly readStdin: () => Promise<string>;
  readonly signal?: AbortSignal | undefined;
}

/** What nobody writes for an image, though it may be a valid reference to Docker Hub. */
const isPath = /^\.{0,2}\/|\.(?:ya?ml|json|tar|tgz|tar\.gz|tar\.zst)$/;

/**
 * Finds out what a source is and what it asks for: a folder or tar is a package; another file is a bootstrap manifest or a
 * mirror lock; `-` is one of those on stdin; anything else is the reference of a package image.
 *
 * @throws MirrorError `source`, `manifest` or `lock`, naming the source.
 */
export async function readSource(
  source: string,
  options: ReadSourceOptions,
): Promise<Required<ClosureRoots>> {
  if (source === "-") return documentRoots(await options.readStdin(), "-");
  const file = path.resolve(options.cwd, source);
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) {
    if (isPath.test(source)) {
      throw new MirrorError("source", `${source}: no such file or folder`, { subject: source });
    }
    return { requests: [packageRequest(source)], packages: [], leaks: [] };
  }
  if (found.isDirectory()) {
    const raw = await importFolder(file, { signal: options.signal });
    return { requests: [], packages: [{ name: source, reference: "", raw }], leaks: [] };
  }
  if (/\.(tar|tgz|tar\.gz|tar\.zst)$/.test(file)) {
    const raw = await readPackageTar(file, source, options.signal);
    return { requests: [], packages: [{ name: source, reference: "", raw }], leaks: [] };
  }
  return documentRoots(await readFile(file, "utf8"), source);
}

/** The package in a tar, whose images are wanted; it is at no registry itself. */
async function readPackageTar(
  file: string,
  source: string,
  signal: AbortSignal | undefined,
): Promise<RawPackage> {
  try {
    return await importArchive(createReadStream(file), { signal });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new MirrorError("source", `${source}: ${(cause as Error).message}`, { subject: source, cause });
  }
}

function packageRequest(source: string): ImageRequest {
  try {
    parseReference(source);
  } catch (cause) {
    throw new MirrorError("source", `${source} is neither a file, nor a folder, nor an image reference`, {
      subject: source,
      cause,
    });
  }
  return { reference: source, isPackage: true, reason: { kind: "source", in: source } };
}

function documentRoots(text: string, name: string): Required<ClosureRoots> {
  if (isMirrorLock(firstDocument(text, name))) {
    return { requests: lockRequests(parseMirrorLock(text, name), name), packages: [], leaks: [] };
  }
  return { requests: bootstrapRequests(text, name), packages: [], leaks: bootstrapLeaks(text, name) };
}

/** Broken YAML is reported by whoever reads the whole text. */
function firstDocument(text: string, name: string): JsonValue {
  try {
    return decodeYaml(text, { source: name });
  } catch {
    return null;
  }
}

/** A lock lists everything already, so nothing in it is opened as a package. */
function lockRequests(lock: MirrorLock, name: string): ImageRequest[] {
  return lock.images.flatMap(({ references, source, digest }) =>
    (references.length === 0 ? [source] : references).map((reference): ImageRequest => ({
      reference,
      digest,
      isPackage: false,
      reason: { kind: "lock", in: name },
    })),
  );
}
