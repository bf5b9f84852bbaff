import type { ContentOptions, ContentTarget, ReferrersOptions } from "../content.ts";
import { splitDigest, type Digest } from "../digest.ts";
import { isOciError } from "../errors.ts";
import { buildIndex } from "../image.ts";
import { parseManifest, readDescriptor, type Descriptor, type ManifestContent } from "../manifest.ts";
import { referrerDescriptor } from "../storage/referrer.ts";
import type { RegistrySession } from "./registry-session.ts";
import { listPages } from "./list-pages.ts";

/** The tag that stands for the referrers of a digest at registries without the referrers API (OCI distribution 1.1). */
function referrersTag(digest: Digest): string {
  const { algorithm, hex } = splitDigest(digest);
  return `${algorithm}-${hex}`.slice(0, 128);
}

/** Asks the referrers API, and where there is none the referrers tag. */
export async function listReferrers(
  repository: Pick<ContentTarget, "manifest" | "repository">,
  session: RegistrySession,
  digest: Digest,
  options: ReferrersOptions,
): Promise<readonly Descriptor[]> {
  const { artifactType } = options;
  const query = artifactType === undefined ? "" : `?artifactType=${encodeURIComponent(artifactType)}`;
  const target = `/v2/${repository.repository}/referrers/${digest}${query}`;
  const found: Descriptor[] = [];
  try {
    for await (const page of listPages(session, repository.repository, target, options)) {
      const list = Array.isArray(page["manifests"]) ? (page["manifests"] as unknown[]) : [];
      found.push(...list.map((item, index) => readDescriptor(item, digest, `referrers[${index}]`)));
    }
  } catch (error) {
    // Old registries answer 404, some 400 or 405, and web servers in front of them with pages that are not JSON.
    if (!isOciError(error, "not-found", "rejected", "unsupported", "invalid-content")) throw error;
    found.push(...(await readFallback(repository, digest, options)));
  }
  // A registry need not filter.
  return artifactType === undefined ? found : found.filter((item) => item.artifactType === artifactType);
}

/** The entries of the referrers tag. A registry that answers with the image itself has no such tag. */
async function readFallback(
  repository: Pick<ContentTarget, "manifest">,
  digest: Digest,
  options: ContentOptions,
): Promise<readonly Descriptor[]> {
  try {
    const content = await repository.manifest(referrersTag(digest), options);
    const manifest = parseManifest(content);
    return content.descriptor.digest === digest || manifest.kind !== "index" ? [] : manifest.manifests;
  } catch (error) {
    if (isOciError(error, "not-found")) return [];
    throw error;
  }
}

/** Changes of one referrers tag must not overtake each other, as each replaces the list of the one before. */
const pending = new Map<string, Promise<void>>();

/** Adds a manifest to the referrers tag of its subject, for a registry that did not take note of the subject itself. */
export async function noteReferrer(
  repository: ContentTarget,
  subject: Digest,
  content: ManifestContent,
  options: ContentOptions,
): Promise<void> {
  const key = `${repository.name}\n${subject}`;
  const previous = pending.get(key) ?? Promise.resolve();
  const add = async (): Promise<void> => {
    await previous.catch(() => {});
    const known = await readFallback(repository, subject, options);
    if (known.some((item) => item.digest === content.descriptor.digest)) return;
    const index = buildIndex([...known, referrerDescriptor(content)]);
    await repository.writeManifest(referrersTag(subject), index, options);
  };
  const update = add();
  pending.set(key, update);
  try {
    await update;
  } finally {
    if (pending.get(key) === update) pending.delete(key);
  }
}
