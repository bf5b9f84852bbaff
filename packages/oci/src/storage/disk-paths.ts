import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { isDigest, splitDigest, type Digest } from "../digest.ts";
import { isMissing } from "../files.ts";

/** Where a storage in a folder keeps the bytes of a blob or manifest, once for all repositories. */
export function dataFile(dir: string, digest: Digest): string {
  const { algorithm, hex } = splitDigest(digest);
  return path.join(dir, "blobs", algorithm, hex.slice(0, 2), hex);
}

/** Where it keeps what a repository has. */
export function repositoryFolder(dir: string, name: string): string {
  return path.join(dir, "repositories", name);
}

/** What a repository's folder says about digests: that it has them as blobs or manifests, or what refers to them. */
export type LinkKind = "_blobs" | "_manifests" | "_referrers";

/** The file or folder by which a repository has a digest. */
export function linkPath(repository: string, kind: LinkKind, digest: Digest): string {
  const { algorithm, hex } = splitDigest(digest);
  return path.join(repository, kind, algorithm, hex);
}

/** The digests of a kind that a repository has. */
export async function listLinks(repository: string, kind: LinkKind): Promise<readonly Digest[]> {
  const found: Digest[] = [];
  for (const algorithm of await listFolder(path.join(repository, kind))) {
    for (const hex of await listFolder(path.join(repository, kind, algorithm))) {
      const digest = `${algorithm}:${hex}`;
      if (isDigest(digest)) found.push(digest);
    }
  }
  return found;
}

/** Names in a folder without those of files that are being written; none when there is no folder. */
export async function listFolder(folder: string): Promise<readonly string[]> {
  const entries = await readEntries(folder);
  return entries.map((entry) => entry.name).filter((name) => !name.endsWith(unfinished));
}

/** How `writeFileAtomically` ends the names of files that are not whole yet. */
const unfinished = ".tmp";

async function readEntries(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** The digests whose content is there, whether or not a repository has them. */
export async function* listData(dir: string): AsyncGenerator<Digest, void, void> {
  for (const algorithm of await listFolder(path.join(dir, "blobs"))) {
    for (const prefix of await listFolder(path.join(dir, "blobs", algorithm))) {
      for (const hex of await listFolder(path.join(dir, "blobs", algorithm, prefix))) {
        const digest = `${algorithm}:${hex}`;
        if (isDigest(digest)) yield digest;
      }
    }
  }
}

/** Files that are being written, or that a process left which was killed while it wrote them. */
export async function* listUnfinished(folder: string): AsyncGenerator<string, void, void> {
  for (const entry of await readEntries(folder)) {
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* listUnfinished(place);
    else if (entry.name.endsWith(unfinished)) yield place;
  }
}

/** A repository's name, and what its folder holds: `_blobs`, `_manifests`, `_tags`, `_referrers`, `_uploads`. */
export interface DiskRepositoryFolder {
  readonly name: string;
  readonly kinds: readonly string[];
}

/** All repositories below a name, also those that have only uploads; names without an underscore are parts of names. */
export async function* listRepositories(
  dir: string,
  name = "",
): AsyncGenerator<DiskRepositoryFolder, void, void> {
  const entries = await listFolder(repositoryFolder(dir, name));
  const kinds = entries.filter((entry) => entry.startsWith("_"));
  if (kinds.length > 0) yield { name, kinds };
  for (const entry of entries) {
    if (!entry.startsWith("_")) yield* listRepositories(dir, path.posix.join(name, entry));
  }
}
