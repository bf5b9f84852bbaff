import { annotations } from "@package-operator/api";
import type { PrefixMatcher } from "@package-operator/image";
import type { ObjectDeployment } from "../resources.ts";

/** Longer records are not kept: all annotations of an object share 256 KiB. */
const maxLength = 64 * 1024;

/** What a deployment remembers of the image references it was made with. */
interface ResolvedImages {
  /** `status.unpackedHash` of the package at that time; of no use when another operator has unpacked since. */
  readonly unpackedHash: string;
  /** Reference as package or lock file give it → after the image prefix override. */
  readonly images: Readonly<Record<string, string>>;
}

/** The annotation that records how these references were resolved; none when there are too many of them. */
export function resolvedImagesAnnotation(
  unpackedHash: string,
  references: readonly string[],
  prefix: PrefixMatcher,
): Record<string, string> {
  const images = Object.fromEntries(references.toSorted().map((from) => [from, prefix.replace(from)]));
  return annotationOf({ unpackedHash, images });
}

/**
 * The annotation for the new hash, when the image prefix overrides are all that changed since `recordedHash` and they
 * resolve every reference as before. Then unpacking again would give the same deployment.
 */
export function keptImagesAnnotation(
  deployment: ObjectDeployment,
  hashes: { readonly recorded: string; readonly wanted: string },
  prefix: PrefixMatcher,
): Record<string, string> | undefined {
  if (specPart(hashes.recorded) !== specPart(hashes.wanted)) return undefined;
  const known = parse(deployment.metadata.annotations?.[annotations.resolvedImages]);
  if (known?.unpackedHash !== hashes.recorded) return undefined;
  const isKept = Object.entries(known.images).every(([from, to]) => prefix.replace(from) === to);
  return isKept ? annotationOf({ unpackedHash: hashes.wanted, images: known.images }) : undefined;
}

/** The hash of the spec alone; what follows it comes from the overrides. */
const specPart = (unpackedHash: string): string => unpackedHash.slice(0, 64);

function annotationOf(resolved: ResolvedImages): Record<string, string> {
  const text = JSON.stringify(resolved);
  return text.length > maxLength ? {} : { [annotations.resolvedImages]: text };
}

/** Anybody may have edited the annotation; what is not ours counts as absent. */
function parse(text: string | undefined): ResolvedImages | undefined {
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as Partial<ResolvedImages> | null;
    if (typeof value?.unpackedHash !== "string") return undefined;
    if (typeof value.images !== "object" || value.images === null) return undefined;
    return { unpackedHash: value.unpackedHash, images: value.images };
  } catch {
    return undefined;
  }
}
