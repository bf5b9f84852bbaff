import { splitDigest, type Digest } from "../digest.ts";
import { parseManifest, type Descriptor, type Manifest, type ManifestContent } from "../manifest.ts";
import { isOciError } from "../errors.ts";
import { askTarget, inJob, type CopyJob } from "./copy-job.ts";

/** One manifest to be at the target. */
export interface CopyNode {
  readonly content: ManifestContent;
  readonly manifest: Manifest;
  /** The target has the manifest, though perhaps not all that it points to. */
  readonly isPresent: boolean;
  /** Manifests to be written before this one. */
  readonly needs: ReadonlySet<Digest>;
}

/** The manifests of an image: its own, its children's, and what refers to them. */
export interface CopyGraph {
  readonly nodes: ReadonlyMap<Digest, CopyNode>;
  /** The manifests that are no part of the image itself. */
  readonly referrers: readonly Digest[];
  /** Tags that name manifests of the graph by convention, such as cosign's. */
  readonly tags: readonly { readonly tag: string; readonly digest: Digest }[];
}

interface Draft {
  readonly content: ManifestContent;
  readonly manifest: Manifest;
  readonly isPresent: boolean;
  readonly needs: Set<Digest>;
  referrers: readonly Descriptor[];
}

const cosignSuffixes = ["sig", "att", "sbom"];

/**
 * Reads all manifests of an image, from the target where it has them; one that lacks an index is not asked for what hangs
 * on it. Only digests are followed, so children cannot form a cycle; referrers can, and where one would, the order "referrer
 * first" gives way.
 */
export async function readCopyGraph(job: CopyJob, root: Descriptor): Promise<CopyGraph> {
  const drafts = new Map<Digest, Draft>();
  const tags: { tag: string; digest: Digest }[] = [];
  const started = new Set<Digest>();

  const visit = async (descriptor: Descriptor, mayBePresent: boolean): Promise<void> => {
    if (started.has(descriptor.digest)) return;
    started.add(descriptor.digest);
    const read = mayBePresent ? readDraft : readFromSource;
    const draft = await inJob(job, `manifest ${descriptor.digest}`, () => read(job, descriptor));
    drafts.set(descriptor.digest, draft);
    const children = draft.manifest.kind === "index" ? draft.manifest.manifests : [];
    for (const child of children) draft.needs.add(child.digest);
    draft.referrers = job.options.referrers === true ? await readReferrers(job, descriptor.digest, tags) : [];
    const parts = [...children, ...draft.referrers];
    await Promise.all(parts.map((part) => visit(part, draft.isPresent)));
  };
  await visit(root, true);
  const referrers = new Set(drafts.keys());
  const leaveOut = (digest: Digest): void => {
    if (!referrers.delete(digest)) return;
    for (const child of drafts.get(digest)!.needs) leaveOut(child);
  };
  leaveOut(root.digest);

  for (const [digest, draft] of drafts) {
    for (const referrer of draft.referrers) {
      if (!reaches(drafts, referrer.digest, digest)) draft.needs.add(referrer.digest);
    }
  }
  return { nodes: drafts, referrers: [...referrers], tags };
}

async function readDraft(job: CopyJob, descriptor: Descriptor): Promise<Draft> {
  const { signal, check } = job.options;
  const { digest } = descriptor;
  const draft = { needs: new Set<Digest>(), referrers: [] };
  if (check === "shallow") {
    const known = await askTarget(undefined, () => job.target.resolve(digest, { signal }));
    if (known !== undefined) return { ...draft, ...believed(known), isPresent: true };
  }
  // A deep check reads the manifest anyway, so one GET stands for HEAD and GET.
  const content = check === "shallow" ? undefined : await askTarget(undefined, () => readStored(job, digest));
  if (content === undefined) return readFromSource(job, descriptor);
  return { ...draft, content, manifest: parseManifest(content), isPresent: true };
}

async function readFromSource(job: CopyJob, { digest }: Descriptor): Promise<Draft> {
  const content = await job.source.manifest(digest, { signal: job.options.signal });
  const manifest = parseManifest(content);
  return { content, manifest, isPresent: false, needs: new Set(), referrers: [] };
}

/** A manifest at the target that is damaged is as good as none. */
async function readStored(job: CopyJob, digest: Digest): Promise<ManifestContent | undefined> {
  try {
    return await job.target.manifest(digest, { signal: job.options.signal });
  } catch (error) {
    if (isOciError(error, "digest-mismatch", "size-mismatch", "invalid-content")) return undefined;
    throw error;
  }
}

/** Stands for a manifest that was not read: it has no parts to look at. */
function believed(descriptor: Descriptor): {
  readonly content: ManifestContent;
  readonly manifest: Manifest;
} {
  return {
    content: { descriptor, bytes: new Uint8Array(0) },
    manifest: { kind: "index", mediaType: descriptor.mediaType, manifests: [] },
  };
}

/** Referrers by the registry's list, and by the tags that cosign gives to what belongs to a digest. */
async function readReferrers(
  job: CopyJob,
  digest: Digest,
  tags: { tag: string; digest: Digest }[],
): Promise<readonly Descriptor[]> {
  const { signal } = job.options;
  const { algorithm, hex } = splitDigest(digest);
  const [listed, ...tagged] = await inJob(job, `referrers of ${digest}`, () =>
    Promise.all([
      job.source.referrers(digest, { signal }),
      ...cosignSuffixes.map(async (suffix) => {
        const tag = `${algorithm}-${hex}.${suffix}`;
        const descriptor = await job.source.resolve(tag, { signal });
        if (descriptor !== undefined) tags.push({ tag, digest: descriptor.digest });
        return descriptor;
      }),
    ]),
  );
  return [...(listed ?? []), ...tagged.filter((item) => item !== undefined)];
}

function reaches(drafts: ReadonlyMap<Digest, Draft>, from: Digest, to: Digest): boolean {
  const seen = new Set<Digest>();
  const open = [from];
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    if (digest === to) return true;
    if (seen.has(digest)) continue;
    seen.add(digest);
    open.push(...(drafts.get(digest)?.needs ?? []));
  }
  return false;
}
