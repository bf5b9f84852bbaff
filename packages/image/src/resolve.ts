import { replaceHost, type HostRule } from "./host-overrides.ts";
import type { PrefixMatcher } from "./prefix-matcher.ts";
import { withDigest } from "./reference.ts";

/** The overrides a process was started with; an absent one is off. */
export interface Overrides {
  readonly prefix?: PrefixMatcher;
  readonly hosts?: readonly HostRule[];
}

/**
 * The reference a package image is pulled from: first the prefix override, then the host override on its result.
 * Concurrent pulls that end at the same text are one download.
 * @throws {ImageError} `invalid-reference` or `invalid-registry`, from the host override only.
 */
export function resolvePullReference(image: string, overrides: Overrides): string {
  const mirrored = overrides.prefix?.replace(image) ?? image;
  return replaceHost(mirrored, overrides.hosts ?? []);
}

/**
 * The reference that templates see for an image of a lock file: its name after the prefix override, at the locked
 * digest. The host override stays out, as the kubelet and not the operator pulls it.
 * @throws {ImageError} `invalid-reference`, naming the overridden reference.
 */
export function resolveLockedImage(image: string, digest: string, prefix?: PrefixMatcher): string {
  return withDigest(prefix?.replace(image) ?? image, digest);
}
