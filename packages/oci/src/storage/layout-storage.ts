import { parseReference } from "@package-operator/image";
import type { ContentSource } from "../content.ts";
import { isDigest, type Digest } from "../digest.ts";
import { OciError, isOciError } from "../errors.ts";
import type { LayoutArchive, LayoutEntry } from "../layout/layout.ts";
import type { ManifestContent } from "../manifest.ts";
import type { RegistryStorage, StorageRepository } from "./registry-storage.ts";

/** What the server needs of a layout. */
export type ReadableLayout = Pick<LayoutArchive, "entries" | "blobSize" | "repository">;

/**
 * Serves a layout, typically an archive of mirrored images, without changing it. An image `quay.io/team/app:v1` is found
 * as `team/app:v1` and as `quay.io/team/app:v1`, every part of it by digest in every repository.
 */
export async function layoutStorage(layout: ReadableLayout): Promise<RegistryStorage> {
  const source = layout.repository();
  const repositories = new Map<string, Map<string, Digest>>();
  for (const entry of await layout.entries()) {
    for (const { repository, tag } of placesOf(entry)) {
      const tags = repositories.get(repository) ?? new Map<string, Digest>();
      // Two registries may hold the same path; the first one listed keeps the short name.
      if (tag !== undefined && !tags.has(tag)) tags.set(tag, entry.descriptor.digest);
      repositories.set(repository, tags);
    }
  }
  return {
    readOnly: true,
    repositories: () => Promise.resolve([...repositories.keys()].toSorted()),
    repository: (name) => readOnlyRepository(layout, source, repositories.get(name)),
  };
}

interface Place {
  readonly repository: string;
  readonly tag: string | undefined;
}

function placesOf(entry: LayoutEntry): readonly Place[] {
  if (entry.name === undefined) return [];
  try {
    const reference = parseReference(entry.name);
    const tag = reference.kind === "tag" ? reference.identifier : reference.tag;
    const { repository, registry } = reference;
    return [repository, `${registry}/${repository}`].map((name) => ({ repository: name, tag }));
  } catch {
    // A layout of one image may name it by a bare word that is no reference.
    return [];
  }
}

function readOnlyRepository(
  layout: ReadableLayout,
  source: ContentSource,
  tags: ReadonlyMap<string, Digest> | undefined,
): StorageRepository {
  const refuse = (): Promise<never> =>
    Promise.reject(new OciError("read-only", `${source.name} is read-only`));
  const readManifest = async (reference: string): Promise<ManifestContent | undefined> => {
    const digest = isDigest(reference) ? reference : tags?.get(reference);
    if (digest === undefined) return undefined;
    try {
      return await source.manifest(digest);
    } catch (error) {
      if (isOciError(error, "not-found")) return undefined;
      throw error;
    }
  };
  return {
    blobSize: (digest) => layout.blobSize(digest),
    claimBlob: (digest) => layout.blobSize(digest),
    async *readBlob(digest, range) {
      const size = await layout.blobSize(digest);
      if (size === undefined) throw new OciError("not-found", `no blob ${digest}`, { reference: digest });
      const { start, end } = range ?? { start: 0, end: size - 1 };
      const descriptor = { mediaType: "application/octet-stream", digest, size };
      let left = end - start + 1;
      for await (const chunk of source.blob(descriptor, { offset: start })) {
        yield chunk.subarray(0, left);
        left -= chunk.length;
        if (left <= 0) return;
      }
    },
    deleteBlob: refuse,
    mountBlob: refuse,
    startUpload: refuse,
    findUpload: () => Promise.resolve(undefined),
    readManifest,
    claimManifest: readManifest,
    writeManifest: refuse,
    deleteManifest: refuse,
    tags: () => Promise.resolve(tags === undefined ? undefined : [...tags.keys()].toSorted()),
    referrers: (subject) => source.referrers(subject),
  };
}
