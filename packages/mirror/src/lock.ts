import { decodeYaml, encodeYaml, type JsonValue } from "@package-operator/kube-yaml";
import { MirrorError } from "./errors.ts";
import type { MirrorPlan } from "./plan.ts";
import { items, member } from "./pod-images.ts";

/** `apiVersion` of mirror lock files. */
export const mirrorApiVersion = "mirror.package-operator.run/v1alpha1";

/** One image that a mirror holds. */
export interface LockedImage {
  /** `<registry>/<repository>` it was copied from. */
  readonly source: string;
  /** `<registry>/<repository>` at the mirror. */
  readonly target: string;
  readonly digest: string;
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

/** The lock of a plan that was applied. The same plan gives the same text. */
export function lockOf(plan: MirrorPlan): MirrorLock {
  const images = plan.entries.map(({ source, target, digest, tags, references }) => ({
    source,
    target,
    digest,
    tags: [...tags].toSorted(),
    references: [...references].toSorted(),
  }));
  const key = ({ target, digest }: LockedImage): string => `${target}@${digest}`;
  return { overrides: plan.overrides, images: images.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)) };
}

export function formatMirrorLock(lock: MirrorLock): string {
  const images = lock.images.map((image) => ({
    ...image,
    tags: [...image.tags],
    references: [...image.references],
  }));
  return encodeYaml({
    apiVersion: mirrorApiVersion,
    kind: "MirrorLock",
    spec: { overrides: lock.overrides, images },
  });
}

/**
 * Reads a lock file.
 * @throws MirrorError `lock`, naming the file and the field.
 */
export function parseMirrorLock(text: string, file: string): MirrorLock {
  const fail = (reason: string, cause?: unknown): MirrorError =>
    new MirrorError("lock", `${file}: ${reason}`, { subject: file, cause });
  let document: JsonValue;
  try {
    document = decodeYaml(text, { source: file });
  } catch (cause) {
    throw fail((cause as Error).message, cause);
  }
  if (!isMirrorLock(document)) throw fail(`not a MirrorLock of ${mirrorApiVersion}`);
  const spec = member(document, "spec");
  const overrides = member(spec, "overrides");
  if (typeof overrides !== "string") throw fail("spec.overrides is not a text");
  const images = items(member(spec, "images")).map((image, index): LockedImage => {
    const text = (field: "source" | "target" | "digest"): string => {
      const value = member(image, field);
      if (typeof value !== "string" || value === "") throw fail(`spec.images[${index}].${field} is missing`);
      return value;
    };
    const texts = (field: "tags" | "references"): string[] =>
      items(member(image, field)).map((value) => {
        if (typeof value !== "string")
          throw fail(`spec.images[${index}].${field} holds something that is no text`);
        return value;
      });
    const digest = text("digest");
    if (!/^sha256:[0-9a-f]{64}$/.test(digest))
      throw fail(`spec.images[${index}].digest is no SHA-256 digest`);
    return {
      source: text("source"),
      target: text("target"),
      digest,
      tags: texts("tags"),
      references: texts("references"),
    };
  });
  return { overrides, images };
}

/** Whether a decoded document says that it is a mirror lock. */
export function isMirrorLock(document: JsonValue): boolean {
  return member(document, "apiVersion") === mirrorApiVersion && member(document, "kind") === "MirrorLock";
}
