import { encodeYaml, type JsonValue } from "@package-operator/kube-yaml";
import type { AppliedEntry } from "./apply.ts";
import { isDocument, mirrorApiVersion, readDocument } from "./document.ts";
import type { MirrorPlan } from "./plan.ts";

/** One image that a mirror holds. */
export interface LockedImage {
  /** `<registry>/<repository>` it was copied from. */
  readonly source: string;
  /** `<registry>/<repository>` at the mirror. */
  readonly target: string;
  readonly digest: string;
  /** Digests of the images of an index: what nodes may report instead of the index. */
  readonly children: readonly string[];
  /** Digests of signatures, attestations and whatever else refers to the image or its children. */
  readonly referrers: readonly string[];
  readonly tags: readonly string[];
  /** References as written in packages and manifests. */
  readonly references: readonly string[];
}

/** What a mirror run put where: input of `verify mirror` and `verify cluster`, and a source for the next run. */
export interface MirrorLock {
  /** The rules in the syntax of `PKO_IMAGE_PREFIX_OVERRIDES`. */
  readonly overrides: string;
  readonly images: readonly LockedImage[];
}

const KIND = "MirrorLock";

/** The lock of a plan, with the referrers that applying it found. The same input gives the same text. */
export function lockOf(plan: MirrorPlan, applied: readonly AppliedEntry[] = []): MirrorLock {
  const place = ({ source, digest }: { source: string; digest: string }): string => `${source}@${digest}`;
  // By source: an archive is applied to targets of its own, and what refers to an image is the same everywhere.
  const results = new Map(applied.map(({ entry, result }) => [place(entry), result]));
  const images = plan.entries.map((entry) => ({
    source: entry.source,
    target: entry.target,
    digest: entry.digest,
    children: [...entry.children].toSorted(),
    referrers: [...(results.get(place(entry))?.referrers ?? [])].toSorted(),
    tags: [...entry.tags].toSorted(),
    references: [...entry.references].toSorted(),
  }));
  const key = ({ target, digest }: LockedImage): string => `${target}@${digest}`;
  return { overrides: plan.overrides, images: images.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)) };
}

export function formatMirrorLock(lock: MirrorLock): string {
  const images = lock.images.map(({ children, referrers, tags, references, ...image }) => ({
    ...image,
    ...(children.length === 0 ? {} : { children: [...children] }),
    ...(referrers.length === 0 ? {} : { referrers: [...referrers] }),
    tags: [...tags],
    references: [...references],
  }));
  return encodeYaml({
    apiVersion: mirrorApiVersion,
    kind: KIND,
    spec: { overrides: lock.overrides, images },
  });
}

/**
 * Reads a lock file.
 * @throws MirrorError `lock`, naming the file and the field.
 */
export function parseMirrorLock(text: string, file: string): MirrorLock {
  const spec = readDocument(text, { kind: KIND, file, code: "lock" });
  const images = spec.list("images").map((image) => ({
    source: image.text("source"),
    target: image.text("target"),
    digest: image.digest("digest"),
    children: image.texts("children"),
    referrers: image.texts("referrers"),
    tags: image.texts("tags"),
    references: image.texts("references"),
  }));
  return { overrides: spec.text("overrides"), images };
}

/** Whether a decoded document says that it is a mirror lock. */
export function isMirrorLock(document: JsonValue): boolean {
  return isDocument(document, KIND);
}
