import { ImageError, type PrefixMatcher, resolveLockedImage } from "@package-operator/image";
import { PackageError } from "./errors.ts";
import type { LockImage, PackageManifest, PackageManifestLock } from "./manifest.ts";
import { staticImage } from "./raw-package.ts";

/** `.images` and `.dependencies` of templates: name → reference. */
export interface ImageMaps {
  readonly images: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * What templates see for the images of a lock: prefix override first, then the locked digest in place of tag and digest.
 * @throws PackageError `reference` when an entry is no image reference, before or after the override.
 */
export function lockedImages(lock: PackageManifestLock | undefined, overrides: PrefixMatcher): ImageMaps {
  const resolve = (entries: readonly LockImage[]): Record<string, string> =>
    Object.fromEntries(entries.map((entry) => [entry.name, resolveEntry(entry, overrides)]));
  return { images: resolve(lock?.spec.images ?? []), dependencies: resolve(lock?.spec.dependencies ?? []) };
}

function resolveEntry({ name, image, digest }: LockImage, overrides: PrefixMatcher): string {
  // Repository files carry bare hex; locks written from them by older tools do too.
  const full = digest.includes(":") || digest === "" ? digest : `sha256:${digest}`;
  try {
    return resolveLockedImage(image, full, overrides);
  } catch (cause) {
    if (!(cause instanceof ImageError)) throw cause;
    throw new PackageError("reference", cause.message, { cause: new Error(`lock image ${name}`, { cause }) });
  }
}

/** What templates see in tests and trees, where no image is resolved. */
export function placeholderImages(manifest: PackageManifest): ImageMaps {
  const names = (list: readonly (string | undefined)[]): Record<string, string> =>
    Object.fromEntries(list.flatMap((name) => (name === undefined ? [] : [[name, staticImage]])));
  return {
    images: names(manifest.spec.images.map(({ name }) => name)),
    dependencies: names(manifest.spec.dependencies.map((dependency) => dependency.image?.name)),
  };
}
