import {
  buildIndex,
  type BuiltImage,
  type ContentTarget,
  type ManifestContent,
  writeImage,
} from "@package-operator/oci";
import type { BaseImage } from "./base-image.ts";

/** An image for one platform. */
export interface PlatformImage {
  readonly image: BuiltImage;
  /** What it is built upon; undefined for a package, which has nothing in it that runs. */
  readonly base?: BaseImage;
}

/** What one tag names. */
export interface PlatformImages {
  /** The manifest of the only image, or the index of several. */
  readonly manifest: ManifestContent;
  readonly images: readonly PlatformImage[];
}

/** Puts images for several platforms under one manifest; an only image stays as it is. */
export function combinePlatforms(images: readonly PlatformImage[]): PlatformImages {
  const [only] = images;
  if (only !== undefined && images.length === 1) return { manifest: only.image.manifest, images };
  const children = images.map(({ image, base }) => ({
    ...image.manifest.descriptor,
    ...(base === undefined ? {} : { platform: base.platform }),
  }));
  return { manifest: buildIndex(children), images };
}

/** Writes the images, and then what names them under its tag. */
export async function writePlatforms(
  target: ContentTarget,
  { manifest, images }: PlatformImages,
  { tag, signal }: { readonly tag: string; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  for (const { image } of images) await writeImage(target, image, { signal, isRoot: false });
  for (const reference of [manifest.descriptor.digest, tag]) {
    await target.writeManifest(reference, manifest, { signal, isRoot: false });
  }
}
