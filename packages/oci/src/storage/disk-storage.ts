import { mkdir } from "node:fs/promises";
import { listRepositories, repositoryFolder } from "./disk-paths.ts";
import { createDiskRepository } from "./disk-repository.ts";
import type { UploadDigesters } from "./disk-upload.ts";
import type { RegistryStorage } from "./registry-storage.ts";
import { restoreTrash } from "./set-aside.ts";

/**
 * Keeps a registry in a folder. Everything appears by a rename after it was flushed, content before what points to it, so
 * that a crash at any moment leaves a registry that answers with whole content only; uploads go on after a restart.
 *
 * `blobs/<algorithm>/<2 digits>/<hex>` holds blobs and manifests once; `repositories/<name>/_blobs`, `_manifests`,
 * `_tags` and `_referrers` hold what a repository has, `_uploads` what is on its way, `trash`
 * what `collectGarbage` is about to remove.
 */
export async function diskStorage(dir: string): Promise<RegistryStorage> {
  await mkdir(repositoryFolder(dir, ""), { recursive: true });
  await restoreTrash(dir);
  const digesters: UploadDigesters = new Map();
  return {
    readOnly: false,
    async repositories() {
      const names: string[] = [];
      for await (const { name, kinds } of listRepositories(dir)) {
        if (kinds.includes("_blobs") || kinds.includes("_manifests")) names.push(name);
      }
      return names.toSorted();
    },
    repository: (name) => createDiskRepository(dir, name, digesters),
  };
}
