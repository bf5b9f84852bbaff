import { link, mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { isDigest, type Digest } from "../digest.ts";
import { OciError } from "../errors.ts";
import {
  isMissing,
  readFileRange,
  readIfThere,
  sizeIfThere,
  syncFolder,
  writeFileAtomically,
} from "../files.ts";
import { parseManifest, type Descriptor, type ManifestContent } from "../manifest.ts";
import {
  dataFile as dataFileIn,
  linkPath,
  listFolder,
  repositoryFolder,
  type LinkKind,
} from "./disk-paths.ts";
import {
  findDiskUpload,
  startDiskUpload,
  type DiskUploadContext,
  type UploadDigesters,
} from "./disk-upload.ts";
import { referrerDescriptor } from "./referrer.ts";
import type { StorageRepository } from "./registry-storage.ts";
import { claimFile } from "./set-aside.ts";

/** One repository of a folder that `diskStorage` keeps. */
export function createDiskRepository(
  dir: string,
  name: string,
  digesters: UploadDigesters,
): StorageRepository {
  const own = repositoryFolder(dir, name);
  const dataFile = (digest: Digest): string => dataFileIn(dir, digest);
  const place = (kind: LinkKind, digest: Digest, folder = own): string => linkPath(folder, kind, digest);
  const tagFile = (tag: string): string => path.join(own, "_tags", tag);
  const uploads: DiskUploadContext = { folder: path.join(own, "_uploads"), digesters, adopt };
  const referrerFolder = (subject: Digest): string => place("_referrers", subject);
  const put = async (file: string, content: string | Uint8Array): Promise<void> => {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFileAtomically(file, typeof content === "string" ? Buffer.from(content) : content);
  };
  const readManifestByDigest = async (digest: Digest): Promise<ManifestContent | undefined> => {
    const mediaType = await readIfThere(place("_manifests", digest));
    const bytes = mediaType === undefined ? undefined : await readIfThere(dataFile(digest));
    if (mediaType === undefined || bytes === undefined) return undefined;
    return { descriptor: { mediaType: mediaType.toString("utf8"), digest, size: bytes.length }, bytes };
  };
  const digestOfTag = async (tag: string): Promise<Digest> =>
    (await readIfThere(tagFile(tag)))?.toString("utf8") ?? "";
  const blobSize = async (digest: Digest): Promise<number | undefined> =>
    (await sizeIfThere(place("_blobs", digest))) === undefined ? undefined : sizeIfThere(dataFile(digest));

  return {
    blobSize,
    async claimBlob(digest) {
      // The bytes first: a collector that sees the link must not find them old.
      const isKept = (await claimFile(dataFile(digest))) && (await claimFile(place("_blobs", digest)));
      return isKept ? sizeIfThere(dataFile(digest)) : undefined;
    },
    async *readBlob(digest, range) {
      const size = await blobSize(digest);
      if (size === undefined) throw new OciError("not-found", `no blob ${digest}`, { reference: digest });
      yield* readFileRange(dataFile(digest), range?.start, range?.end ?? size - 1);
    },
    deleteBlob: (digest) => removeIfThere(place("_blobs", digest)),
    async mountBlob(digest, from) {
      const other = place("_blobs", digest, repositoryFolder(dir, from));
      if ((await sizeIfThere(other)) === undefined || !(await claimFile(dataFile(digest)))) return false;
      await put(place("_blobs", digest), "");
      return true;
    },
    startUpload: () => startDiskUpload(uploads),
    findUpload: (id) => findDiskUpload(uploads, id),
    async readManifest(reference) {
      const digest = isDigest(reference) ? reference : await digestOfTag(reference);
      return digest === "" ? undefined : readManifestByDigest(digest);
    },
    async claimManifest(reference) {
      const digest = isDigest(reference) ? reference : await digestOfTag(reference);
      const isKept = digest !== "" && (await claimFile(place("_manifests", digest)));
      return isKept ? readManifestByDigest(digest) : undefined;
    },
    async writeManifest(content, tags = []) {
      const { digest, mediaType } = content.descriptor;
      if (!(await claimFile(dataFile(digest)))) await put(dataFile(digest), content.bytes);
      await put(place("_manifests", digest), mediaType);
      const { subject } = parseManifest(content);
      if (subject !== undefined) await put(path.join(referrerFolder(subject.digest), digest), "");
      for (const tag of tags) await put(tagFile(tag), digest);
    },
    async deleteManifest(reference) {
      if (!isDigest(reference)) return removeIfThere(tagFile(reference));
      const content = await readManifestByDigest(reference);
      if (content === undefined) return false;
      for (const tag of await listFolder(path.join(own, "_tags"))) {
        if ((await digestOfTag(tag)) === reference) await removeIfThere(tagFile(tag));
      }
      const { subject } = parseManifest(content);
      if (subject !== undefined) await removeIfThere(path.join(referrerFolder(subject.digest), reference));
      return removeIfThere(place("_manifests", reference));
    },
    async tags() {
      const tags = await listFolder(path.join(own, "_tags"));
      const isUsed =
        tags.length > 0 ||
        (await listFolder(own)).some((kind) => kind !== "_uploads" && kind.startsWith("_"));
      return isUsed ? tags.toSorted() : undefined;
    },
    async referrers(subject) {
      const found: Descriptor[] = [];
      for (const digest of await listFolder(referrerFolder(subject))) {
        const content = isDigest(digest) ? await readManifestByDigest(digest) : undefined;
        if (content !== undefined) found.push(referrerDescriptor(content));
      }
      return found;
    },
  };

  /** Makes a flushed upload a blob of the repository. */
  async function adopt(file: string, digest: Digest): Promise<void> {
    const target = dataFile(digest);
    await mkdir(path.dirname(target), { recursive: true });
    do {
      try {
        await link(file, target);
        await syncFolder(path.dirname(target));
      } catch (error) {
        // The same content came from elsewhere; it is verified, too.
        if ((error as { code?: unknown }).code !== "EEXIST") throw error;
      }
    } while (!(await claimFile(target)));
    await put(place("_blobs", digest), "");
  }
}

async function removeIfThere(file: string): Promise<boolean> {
  try {
    await rm(file);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
