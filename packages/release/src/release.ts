import { type BuiltImage, type ContentTarget, writeImage } from "@package-operator/oci";
import { buildPackageImage, type RawPackage } from "@package-operator/packaging";
import { assemblePackage, releaseReference, type ReleaseNames } from "./assemble-package.ts";
import type { BaseImage } from "./base-image.ts";
import { releaseBootstrapManifest } from "./bootstrap-manifest.ts";
import { buildProgramImage, programNames } from "./program-image.ts";

/** One image of a release. */
export interface ReleaseImage {
  readonly name: string;
  /** `<registry prefix>/<name>:<tag>`. */
  readonly reference: string;
  readonly image: BuiltImage;
}

/** Everything that people download of a release. */
export interface Release {
  readonly images: readonly ReleaseImage[];
  /** Content of the image `package-operator-package`. */
  readonly package: RawPackage;
  /** Text of `self-bootstrap-job.yaml`. */
  readonly bootstrapManifest: string;
}

export interface BuildReleaseOptions extends ReleaseNames {
  /** Folder with the bundled programs (`npm run build`). */
  readonly binDir: string;
  /** The `config` folder of the repository. */
  readonly configDir: string;
  /** What program images are built upon. */
  readonly base: BaseImage;
  /** Time of the release, RFC 3339. Default: 1970, so that the same input gives the same digests. */
  readonly created?: string;
}

/**
 * Builds the images of a release and its bootstrap manifest, in memory. The package's locks carry the digests of the
 * program images that come with it.
 */
export async function buildRelease(options: BuildReleaseOptions): Promise<Release> {
  const programs = await Promise.all(
    programNames.map(async (name) => ({
      name,
      image: await buildProgramImage(name, options.binDir, options.base),
    })),
  );
  const digests = Object.fromEntries(
    programs.map(({ name, image }) => [name, image.manifest.descriptor.digest]),
  );
  const created = options.created ?? "1970-01-01T00:00:00Z";
  const raw = await assemblePackage({ ...options, digests, created });
  const images = [...programs, { name: "package-operator-package", image: await buildPackageImage(raw) }];
  return {
    images: images.map(({ name, image }) => ({ name, image, reference: releaseReference(options, name) })),
    package: raw,
    bootstrapManifest: await releaseBootstrapManifest(options.configDir, options),
  };
}

/** Writes the images of a release under their tag; `open` gives the place for each name. */
export async function writeRelease(
  release: Release,
  open: (name: string) => Promise<ContentTarget> | ContentTarget,
  options: { readonly tag: string; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  for (const { name, image } of release.images) {
    await writeImage(await open(name), image, { tags: [options.tag], signal: options.signal });
  }
}
