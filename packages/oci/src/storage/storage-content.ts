import { abortable, mustVerify, type ContentTarget } from "../content.ts";
import { isDigest, verifyBytes, verifyStream } from "../digest.ts";
import { OciError } from "../errors.ts";
import { memoryStorage } from "./memory-storage.ts";
import type { RegistryStorage } from "./registry-storage.ts";

/**
 * Reads and writes one repository of a storage without HTTP between: to fill a registry before it listens, or as a place
 * for images in memory.
 */
export function storageContent(
  storage: RegistryStorage,
  repository: string,
  store = "storage",
): ContentTarget {
  const place = storage.repository(repository);
  const name = `${store}/${repository}`;
  const missing = (reference: string): OciError =>
    new OciError("not-found", `${name}: manifest ${reference} not found`, { reference });
  const mustWrite = (): void => {
    if (storage.readOnly) throw new OciError("read-only", `${name} is read-only`);
  };
  return {
    name,
    store,
    repository,
    resolve: async (reference) => (await place.claimManifest(reference))?.descriptor,
    async manifest(reference) {
      const content = await place.claimManifest(reference);
      if (content === undefined) throw missing(reference);
      return content;
    },
    hasBlob: async (descriptor) => (await place.claimBlob(descriptor.digest)) !== undefined,
    blob(descriptor, options = {}) {
      const start = options.offset ?? 0;
      const range = start > 0 ? { start, end: descriptor.size - 1 } : undefined;
      const content = place.readBlob(descriptor.digest, range);
      if (!mustVerify(options)) return content;
      return verifyStream(content, descriptor, `${name}: blob ${descriptor.digest}`);
    },
    tags: async () => (await place.tags()) ?? [],
    async referrers(digest, options = {}) {
      const all = await place.referrers(digest);
      const { artifactType } = options;
      return artifactType === undefined ? all : all.filter((item) => item.artifactType === artifactType);
    },
    async writeBlob(descriptor, open, options = {}) {
      mustWrite();
      if (options.mountFrom !== undefined && (await place.mountBlob(descriptor.digest, options.mountFrom))) {
        return "mounted";
      }
      const upload = await place.startUpload();
      try {
        const content = abortable(open(0), options.signal);
        await upload.append(verifyStream(content, descriptor, `${name}: blob ${descriptor.digest}`));
        await upload.commit(descriptor.digest);
      } catch (error) {
        await upload.cancel();
        throw error;
      }
      options.onBytes?.(descriptor.size);
      return "written";
    },
    async writeManifest(reference, content) {
      mustWrite();
      verifyBytes(content.bytes, content.descriptor, `${name}: manifest ${content.descriptor.digest}`);
      await place.writeManifest(content, isDigest(reference) ? [] : [reference]);
    },
    async deleteManifest(reference) {
      mustWrite();
      if (!(await place.deleteManifest(reference))) throw missing(reference);
    },
  };
}

/** One repository in memory. */
export function memoryContent(name = "memory"): ContentTarget {
  return storageContent(memoryStorage(), "content", name);
}
