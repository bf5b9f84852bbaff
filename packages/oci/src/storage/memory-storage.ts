import { randomUUID } from "node:crypto";
import { createDigester, isDigest, type Digest } from "../digest.ts";
import { OciError } from "../errors.ts";
import { parseManifest, type Descriptor, type ManifestContent } from "../manifest.ts";
import { referrerDescriptor } from "./referrer.ts";
import type { RegistryStorage, StorageRepository, StorageUpload } from "./registry-storage.ts";

/** Keeps everything in memory, each blob once; for tests, demos and small registries. */
export function memoryStorage(): RegistryStorage {
  const blobs = new Map<Digest, Uint8Array>();
  const repositories = new Map<string, MemoryRepository>();
  return {
    readOnly: false,
    // oxlint-disable-next-line require-await -- the interface is asynchronous for storages that do I/O
    async repositories() {
      return [...repositories]
        .flatMap(([name, repository]) => (repository.isUsed() ? [name] : []))
        .toSorted();
    },
    repository(name) {
      let repository = repositories.get(name);
      if (repository === undefined) {
        repository = createRepository(blobs, (other) => repositories.get(other));
        repositories.set(name, repository);
      }
      return repository;
    },
  };
}

interface MemoryRepository extends StorageRepository {
  isUsed(): boolean;
  has(digest: Digest): boolean;
}

/* oxlint-disable require-await -- the interface is asynchronous for storages that do I/O */
function createRepository(
  blobs: Map<Digest, Uint8Array>,
  find: (name: string) => MemoryRepository | undefined,
): MemoryRepository {
  const links = new Set<Digest>();
  const uploads = new Map<string, StorageUpload>();
  const manifests = new Map<Digest, ManifestContent>();
  const tags = new Map<string, Digest>();
  const read = (digest: Digest): Uint8Array | undefined =>
    links.has(digest) ? blobs.get(digest) : undefined;
  const store = (digest: Digest, bytes: Uint8Array): void => {
    blobs.set(digest, bytes);
    links.add(digest);
  };

  const readManifest = async (reference: string): Promise<ManifestContent | undefined> =>
    manifests.get(isDigest(reference) ? reference : (tags.get(reference) ?? ""));

  return {
    isUsed: () => links.size + manifests.size > 0,
    has: (digest) => links.has(digest),
    blobSize: async (digest) => read(digest)?.length,
    claimBlob: async (digest) => read(digest)?.length,
    async *readBlob(digest, range) {
      const bytes = read(digest);
      if (bytes === undefined) throw new OciError("not-found", `no blob ${digest}`, { reference: digest });
      yield range === undefined ? bytes : bytes.subarray(range.start, range.end + 1);
    },
    deleteBlob: async (digest) => links.delete(digest),
    async mountBlob(digest, from) {
      if (find(from)?.has(digest) !== true) return false;
      links.add(digest);
      return true;
    },
    async startUpload() {
      const upload = createUpload(store, (id) => uploads.delete(id));
      uploads.set(upload.id, upload);
      return upload;
    },
    findUpload: async (id) => uploads.get(id),
    readManifest,
    claimManifest: readManifest,
    async writeManifest(content, names = []) {
      manifests.set(content.descriptor.digest, content);
      for (const tag of names) tags.set(tag, content.descriptor.digest);
    },
    async deleteManifest(reference) {
      if (!isDigest(reference)) return tags.delete(reference);
      for (const [tag, digest] of tags) if (digest === reference) tags.delete(tag);
      return manifests.delete(reference);
    },
    async tags() {
      return manifests.size + links.size === 0 ? undefined : [...tags.keys()].toSorted();
    },
    async referrers(subject) {
      const found: Descriptor[] = [];
      for (const content of manifests.values()) {
        if (parseManifest(content).subject?.digest === subject) found.push(referrerDescriptor(content));
      }
      return found;
    },
  };
}

function createUpload(
  store: (digest: Digest, bytes: Uint8Array) => void,
  forget: (id: string) => void,
): StorageUpload {
  const id = randomUUID();
  const chunks: Uint8Array[] = [];
  let size = 0;
  return {
    id,
    size: async () => size,
    async append(content) {
      for await (const chunk of content) {
        chunks.push(chunk);
        size += chunk.length;
      }
    },
    async commit(digest) {
      forget(id);
      const digester = createDigester(digest);
      for (const chunk of chunks) digester.update(chunk);
      const found = digester.digest();
      if (found !== digest) {
        throw new OciError("digest-mismatch", `content has digest ${found}, not ${digest}`, {
          reference: digest,
        });
      }
      store(digest, Buffer.concat(chunks));
    },
    async cancel() {
      forget(id);
    },
  };
}
