import { stat } from "node:fs/promises";
import path from "node:path";
import type { Digest } from "../digest.ts";
import { isOciError, OciError } from "../errors.ts";
import { isMissing } from "../files.ts";
import { dependenciesOf, parseManifest, type Manifest } from "../manifest.ts";
import {
  dataFile,
  linkPath,
  listData,
  listFolder,
  listLinks,
  listRepositories,
  listUnfinished,
  repositoryFolder,
} from "./disk-paths.ts";
import { createDiskRepository } from "./disk-repository.ts";
import { removeUnclaimed, restoreTrash, type RemoveOptions } from "./set-aside.ts";
import { removeUntagged } from "./untagged.ts";

/** Options of {@link collectGarbage}. */
export interface CollectGarbageOptions {
  /**
   * What was written or asked for within this time stays, so that an image whose manifest is still to come keeps its
   * blobs. Milliseconds. Default: one day.
   */
  readonly graceMs?: number | undefined;
  /**
   * Also removes manifests that no tag leads to: neither by itself nor as part of an index that stays, nor as referrer of
   * a manifest that stays. Whoever runs images by digest must not use it. Default: false.
   */
  readonly untagged?: boolean | undefined;
  /** Only says what would be removed. Default: false. */
  readonly isDryRun?: boolean | undefined;
  /** Milliseconds since 1970, in the time of the files. Default: the system's clock. */
  readonly now?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What {@link collectGarbage} removed. */
export interface CollectedGarbage {
  /** Manifests that no tag leads to. */
  readonly manifests: number;
  /** Blobs taken out of repositories in which no manifest points to them. */
  readonly blobs: number;
  /** Uploads that nobody went on with. */
  readonly uploads: number;
  /** Files of content that no repository has any more, of uploads, and of writes that a crash cut off. */
  readonly files: number;
  /** Bytes of these files. */
  readonly bytes: number;
  /** Repositories that were left alone because a manifest in them is damaged: `<repository>@<digest>`. */
  readonly damaged: readonly string[];
}

const dayMs = 86_400_000;
/** File times may lie behind the clock by a tick of the kernel; a second is more than any has. */
const clockSlackMs = 1000;

/**
 * Removes from a folder of `diskStorage` what nothing needs: blobs that no manifest of their repository points to, content
 * that no repository has, stale uploads and remains of crashes. Servers in any process may go on reading and writing
 * meanwhile, and several collectors may run. Manifests stay until they are deleted, with a tag or without, unless `untagged`
 * is set.
 *
 * Throws `not-found` when there is no such storage.
 */
export async function collectGarbage(
  dir: string,
  options: CollectGarbageOptions = {},
): Promise<CollectedGarbage> {
  await mustBeStorage(dir);
  const now = (options.now ?? Date.now)();
  const remove: RemoveOptions = {
    usedBefore: now - Math.max(options.graceMs ?? dayMs, clockSlackMs),
    isDryRun: options.isDryRun === true,
  };
  const sweep = createSweep(dir, { ...remove, untagged: options.untagged === true, signal: options.signal });
  await restoreTrash(dir);
  const used = new Set<Digest>();
  for await (const { name } of listRepositories(dir)) await sweep.repository(name, used);
  // Content that came to be used after its repository was looked at has been claimed since, and stays for that.
  await sweep.data(used);
  await restoreTrash(dir);
  return sweep.result();
}

interface SweepOptions extends RemoveOptions {
  readonly untagged: boolean;
  readonly signal: AbortSignal | undefined;
}

interface Sweep {
  /** Removes manifests, blobs, uploads and remains of one repository, and adds to `used` what it has. */
  repository(name: string, used: Set<Digest>): Promise<void>;
  /** Removes content that is not used, and what crashes left. */
  data(used: ReadonlySet<Digest>): Promise<void>;
  result(): CollectedGarbage;
}

function createSweep(dir: string, options: SweepOptions): Sweep {
  const counts = { manifests: 0, blobs: 0, uploads: 0, files: 0, bytes: 0 };
  const damaged: string[] = [];
  const remove = (file: string): Promise<number | undefined> => {
    options.signal?.throwIfAborted();
    return removeUnclaimed(dir, file, options);
  };
  const removeContent = async (file: string): Promise<boolean> => {
    const size = await remove(file);
    if (size === undefined) return false;
    counts.files += 1;
    counts.bytes += size;
    return true;
  };
  const removeManifest = async (folder: string, digest: Digest, manifest: Manifest): Promise<boolean> => {
    if ((await remove(linkPath(folder, "_manifests", digest))) === undefined) return false;
    counts.manifests += 1;
    const { subject } = manifest;
    if (subject !== undefined)
      await remove(path.join(linkPath(folder, "_referrers", subject.digest), digest));
    return true;
  };
  /** The manifests that a repository keeps. */
  const keptManifests = async (
    name: string,
    found: ReadonlyMap<Digest, Manifest>,
  ): Promise<Iterable<Digest>> => {
    if (!options.untagged) return found.keys();
    const folder = repositoryFolder(dir, name);
    const tagged = await taggedManifests(dir, name);
    return removeUntagged(found, tagged, (digest) => removeManifest(folder, digest, found.get(digest)!));
  };
  return {
    async repository(name, used) {
      const folder = repositoryFolder(dir, name);
      const links = await listLinks(folder, "_blobs");
      const manifests = await listLinks(folder, "_manifests");
      const found = await readManifests(dir, name, manifests, damaged);
      const kept = found === undefined ? manifests : await keptManifests(name, found);
      const wanted = new Set<Digest>();
      for (const digest of kept) {
        used.add(digest);
        const manifest = found?.get(digest);
        for (const part of manifest === undefined ? [] : dependenciesOf(manifest)) wanted.add(part.digest);
      }
      for (const digest of links) {
        const isWanted = found === undefined || wanted.has(digest);
        const isRemoved = !isWanted && (await remove(linkPath(folder, "_blobs", digest))) !== undefined;
        if (isRemoved) counts.blobs += 1;
        else used.add(digest);
      }
      for (const id of await listFolder(path.join(folder, "_uploads"))) {
        if (await removeContent(path.join(folder, "_uploads", id))) counts.uploads += 1;
      }
    },
    async data(used) {
      for await (const digest of listData(dir)) {
        if (!used.has(digest)) await removeContent(dataFile(dir, digest));
      }
      for await (const file of listUnfinished(dir)) await removeContent(file);
    },
    result: () => ({ ...counts, damaged }),
  };
}

/** The manifests of a repository; undefined when one of them cannot be understood. */
async function readManifests(
  dir: string,
  name: string,
  digests: readonly Digest[],
  damaged: string[],
): Promise<ReadonlyMap<Digest, Manifest> | undefined> {
  const place = createDiskRepository(dir, name, new Map());
  const found = new Map<Digest, Manifest>();
  let isWhole = true;
  for (const digest of digests) {
    try {
      const content = await place.readManifest(digest);
      if (content !== undefined) found.set(digest, parseManifest(content));
    } catch (error) {
      if (!isOciError(error)) throw error;
      damaged.push(`${name}@${digest}`);
      isWhole = false;
    }
  }
  return isWhole ? found : undefined;
}

/** Read after the list of manifests: what is tagged later has been written or asked for later, and stays for that. */
async function taggedManifests(dir: string, name: string): Promise<readonly Digest[]> {
  const place = createDiskRepository(dir, name, new Map());
  const tags = (await place.tags()) ?? [];
  const contents = await Promise.all(tags.map((tag) => place.readManifest(tag)));
  return contents.flatMap((content) => content?.descriptor.digest ?? []);
}

async function mustBeStorage(dir: string): Promise<void> {
  try {
    await stat(repositoryFolder(dir, ""));
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new OciError("not-found", `${dir} is not the folder of a registry`, { cause: error });
  }
}
