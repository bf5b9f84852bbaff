import { parseReference } from "@package-operator/image";
import { type ContentSource, isOciError, parseManifest } from "@package-operator/oci";
import { readImageTree } from "./image-tree.ts";
import type { LockedImage, MirrorLock } from "./lock.ts";

export interface CheckOptions {
  readonly open: (registry: string, repository: string) => ContentSource;
  readonly signal?: AbortSignal | undefined;
}

/** What the mirror has of one locked image. */
export interface CheckedImage {
  readonly image: LockedImage;
  /** Undefined when it is complete. */
  readonly problem?: string;
}

/**
 * Asks the mirror for everything in a lock: manifests, children of indexes, every blob, that the tags point there, and that
 * the referrers are there and found.
 */
export async function checkMirror(lock: MirrorLock, options: CheckOptions): Promise<readonly CheckedImage[]> {
  return Promise.all(
    lock.images.map(async (image): Promise<CheckedImage> => {
      const problem = await whatIsMissing(image, options);
      return problem === undefined ? { image } : { image, problem };
    }),
  );
}

async function whatIsMissing(
  { target, digest, tags, referrers }: LockedImage,
  { open, signal }: CheckOptions,
): Promise<string | undefined> {
  const { registry, repository } = parseReference(`${target}@${digest}`);
  const source = open(registry, repository);
  try {
    const problem = await missingContent(source, digest, { signal });
    if (problem !== undefined) return problem;
    for (const tag of tags) {
      const found = await source.resolve(tag, { signal });
      if (found?.digest !== digest) return `tag ${tag} points to ${found?.digest ?? "nothing"}`;
    }
    const lost = await Promise.all(
      referrers.map((referrer) => missingReferrer(source, referrer, { signal })),
    );
    return lost.find((one) => one !== undefined);
  } catch (error) {
    if (isOciError(error)) return error.message;
    throw error;
  }
}

/** What an image lacks, in words; undefined when all of it is there. Throws what the registry says of a missing manifest. */
export async function missingContent(
  source: ContentSource,
  digest: string,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<string | undefined> {
  const tree = await readImageTree(source, digest, options);
  const present = await Promise.all(tree.blobs.map((blob) => source.hasBlob(blob, options)));
  const missing = tree.blobs.find((_, index) => present[index] === false);
  return missing === undefined ? undefined : `blob ${missing.digest} is missing`;
}

async function missingReferrer(
  source: ContentSource,
  digest: string,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<string | undefined> {
  const problem = await missingContent(source, digest, options);
  if (problem !== undefined) return `referrer ${digest}: ${problem}`;
  const { subject } = parseManifest(await source.manifest(digest, options));
  // Cosign's older signatures are found by their tags and name no subject.
  if (subject === undefined) return undefined;
  const listed = await source.referrers(subject.digest, options);
  return listed.some((descriptor) => descriptor.digest === digest)
    ? undefined
    : `referrer ${digest} is there, but not listed for ${subject.digest}`;
}
