import { stat } from "node:fs/promises";
import path from "node:path";
import type { Digest } from "../digest.ts";
import { isOciError, OciError } from "../errors.ts";
import { isMissing } from "../files.ts";
import { dependenciesOf, parseManifest } from "../manifest.ts";
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

/** Options of {@link collectGarbage}. */
export interface CollectGarbageOptions {
  /**
   * What was written or asked for within this time stays, so that an image whose manifest is still to come keeps its
   * blobs. Milliseconds. Default: one day.
   */
  readonly graceMs?: number | undefined;
  /** Only says what would be removed. Default: false. */
  readonly isDryRun?: boolean | undefined;
  /** Milliseconds since 1970, in the time of the files. Default: the system's clock. */
  readonly now?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What {@link collectGarbage} removed. */
export interface CollectedGarbage {
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
 * meanwhile, and several collectors may run. Manifests stay until they are deleted, with a tag or without.
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
  const sweep = createSweep(dir, remove, options.signal);
  await restoreTrash(dir);
  const used = new Set<Digest>();
  for await (const { name } of listRepositories(dir)) await sweep.repository(name, used);
  // Content that came to be used after its repository was looked at has been claimed since, and stays for that.
  await sweep.data(used);
  await restoreTrash(dir);
  return sweep.result();
}

interface Sweep {
  /** Removes blobs, uploads and remains of one repository, and adds to `used` what it has. */
  repository(name: string, used: Set<Digest>): Promise<void>;
  /** Removes content that is not used, and what crashes left. */
  data(used: ReadonlySet<Digest>): Promise<void>;
  result(): CollectedGarbage;
}

function createSweep(dir: string, options: RemoveOptions, signal: AbortSignal | undefined): Sweep {
  const counts = { blobs: 0, uploads: 0, files: 0, bytes: 0 };
  const damaged: string[] = [];
  const remove = async (file: string): Promise<boolean> => {
    signal?.throwIfAborted();
    return (await removeUnclaimed(dir, file, options)) !== undefined;
  };
  const removeContent = async (file: string): Promise<boolean> => {
    signal?.throwIfAborted();
    const size = await removeUnclaimed(dir, file, options);
    if (size === undefined) return false;
    counts.files += 1;
    counts.bytes += size;
    return true;
  };
  return {
    async repository(name, used) {
      const folder = repositoryFolder(dir, name);
      const links = await listLinks(folder, "_blobs");
      const manifests = await listLinks(folder, "_manifests");
      const wanted = await wantedBlobs(dir, name, manifests, damaged);
      for (const digest of links) {
        const isWanted = wanted === undefined || wanted.has(digest);
        if (!isWanted && (await remove(linkPath(folder, "_blobs", digest)))) counts.blobs += 1;
        else used.add(digest);
      }
      for (const digest of manifests) used.add(digest);
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

/** What the manifests of a repository point to; undefined when one of them cannot be understood. */
async function wantedBlobs(
  dir: string,
  name: string,
  manifests: readonly Digest[],
  damaged: string[],
): Promise<ReadonlySet<Digest> | undefined> {
  const place = createDiskRepository(dir, name, new Map());
  const wanted = new Set<Digest>();
  let isWhole = true;
  for (const digest of manifests) {
    try {
      const content = await place.readManifest(digest);
      if (content === undefined) continue;
      for (const part of dependenciesOf(parseManifest(content))) wanted.add(part.digest);
    } catch (error) {
      if (!isOciError(error)) throw error;
      damaged.push(`${name}@${digest}`);
      isWhole = false;
    }
  }
  return isWhole ? wanted : undefined;
}

async function mustBeStorage(dir: string): Promise<void> {
  try {
    await stat(repositoryFolder(dir, ""));
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new OciError("not-found", `${dir} is not the folder of a registry`, { cause: error });
  }
}
