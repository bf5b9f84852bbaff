import { mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { isMissing } from "../files.ts";
import { createDiskRepository } from "./disk-repository.ts";
import type { UploadDigesters } from "./disk-upload.ts";
import type { RegistryStorage } from "./registry-storage.ts";

/**
 * Keeps a registry in a folder. Everything appears by a rename after it was flushed, content before what points to it, so
 * that a crash at any moment leaves a registry that answers with whole content only; uploads go on after a restart.
 *
 * `blobs/<algorithm>/<2 digits>/<hex>` holds blobs and manifests once; `repositories/<name>/_blobs`, `_manifests`,
 * `_tags` and `_referrers` hold what a repository has, `_uploads` what is on its way.
 */
export async function diskStorage(dir: string): Promise<RegistryStorage> {
  const root = path.join(dir, "repositories");
  await mkdir(root, { recursive: true });
  const digesters: UploadDigesters = new Map();
  return {
    readOnly: false,
    repositories: async () => (await findRepositories(root, "")).toSorted(),
    repository: (name) => createDiskRepository(dir, name, digesters),
  };
}

/** Folders with an underscore are what a repository has, all others are parts of names. */
async function findRepositories(root: string, name: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await list(path.join(root, name))) {
    const isOwn = entry === "_blobs" || entry === "_manifests";
    if (isOwn && !found.includes(name)) found.push(name);
    if (!entry.startsWith("_")) found.push(...(await findRepositories(root, path.posix.join(name, entry))));
  }
  return found;
}

async function list(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
