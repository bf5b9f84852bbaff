import {
  createPrefixMatcher,
  formatRepository,
  parseReference,
  type PrefixRule,
} from "@package-operator/image";
import type { ImageUse } from "./cluster-images.ts";
import type { LockedImage } from "./lock.ts";

/**
 * - `outside`: not in the mirror, even after the rules;
 * - `unlocked`: in the mirror, but the lock does not know the repository;
 * - `stale`: in the mirror, but at another digest than the lock says;
 * - `missing-in-mirror`: the mirror does not have it;
 * - `invalid`: no image reference at all.
 */
export type FindingCode = "outside" | "unlocked" | "stale" | "missing-in-mirror" | "invalid";

export interface Finding {
  readonly code: FindingCode;
  readonly message: string;
}

/** One image of the cluster and the judgement on it. */
export interface VerifiedUse extends ImageUse {
  /** What is really fetched: the image itself, or for a package the image after the rules. */
  readonly resolved: string;
  /** The rule that rewrote it, as `from=to`. */
  readonly rule?: string;
  /** The digest that runs or is declared, where one is known. */
  readonly digest?: string;
  readonly finding?: Finding;
}

export interface VerifyOptions {
  readonly rules: readonly PrefixRule[];
  /** Prefixes that count as the mirror. Default: the `to` side of the rules. */
  readonly mirrors?: readonly string[];
  /** The images of a mirror lock; without it nothing is `unlocked` or `stale`. */
  readonly lock?: readonly Pick<LockedImage, "target" | "digest" | "children">[];
}

/** Judges every image use. Pure: asking the registry is `checkMirror`'s job. */
export function verifyImageUses(uses: readonly ImageUse[], options: VerifyOptions): VerifiedUse[] {
  const matcher = createPrefixMatcher(options.rules);
  const mirrors = options.mirrors ?? options.rules.map((rule) => rule.to);
  const isMirrored = (reference: string): boolean => mirrors.some((prefix) => isBelow(reference, prefix));
  return uses.map((use) => {
    // Only packages are rewritten on their way; what a Pod says is what the node fetches.
    const match = use.role === "package" || use.role === "planned" ? matcher.match(use.image) : undefined;
    const resolved = match === undefined ? use.image : matcher.replace(use.image);
    const digest = usedDigest(use, resolved);
    const verified = {
      ...use,
      resolved,
      ...(match === undefined ? {} : { rule: `${match.rule.from}=${match.rule.to}` }),
      ...(digest === undefined ? {} : { digest }),
    };
    const finding = judge(resolved, digest, isMirrored, options.lock);
    return finding === undefined ? verified : { ...verified, finding };
  });
}

function judge(
  resolved: string,
  digest: string | undefined,
  isMirrored: (reference: string) => boolean,
  lock: VerifyOptions["lock"],
): Finding | undefined {
  const repository = repositoryOf(resolved);
  if (repository === undefined) return { code: "invalid", message: `${resolved} is not an image reference` };
  if (!isMirrored(resolved)) return { code: "outside", message: `${resolved} does not come from the mirror` };
  if (lock === undefined) return undefined;
  const locked = lock.filter((image) => image.target === repository);
  if (locked.length === 0) return { code: "unlocked", message: `${repository} is not in the lock` };
  // Some runtimes report the image of their platform instead of the index that was asked for.
  const isLocked = locked.some((image) => image.digest === digest || image.children.includes(digest ?? ""));
  if (digest === undefined || isLocked) return undefined;
  const known = locked.map((image) => image.digest).join(", ");
  return { code: "stale", message: `${repository} is used at ${digest}, the lock has ${known}` };
}

/** Whether a reference lies below a prefix; a prefix without a final slash ends at a path boundary all the same. */
function isBelow(reference: string, prefix: string): boolean {
  if (prefix === "" || !reference.startsWith(prefix)) return false;
  const next = reference.charAt(prefix.length);
  return /[/:@]$/.test(prefix) || next === "" || "/:@".includes(next);
}

/** A digest in the reference says what is wanted; else the node's report says what runs. */
function usedDigest({ imageID }: ImageUse, resolved: string): string | undefined {
  return digestOf(resolved) ?? (imageID === undefined ? undefined : digestOf(imageID));
}

/** The digest at the end of a reference or of a runtime's `imageID` (`docker-pullable://…@sha256:…`). */
function digestOf(text: string): string | undefined {
  return /@(sha256:[0-9a-f]{64})$/.exec(text)?.[1];
}

function repositoryOf(reference: string): string | undefined {
  try {
    return formatRepository(parseReference(reference));
  } catch {
    return undefined;
  }
}
