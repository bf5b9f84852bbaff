import type { ContentTarget } from "@package-operator/oci";
import { buildPackageImage, type RawPackage } from "@package-operator/packaging";
import { assemblePackage, releaseReference, type ReleaseNames } from "./assemble-package.ts";
import type { BaseImage } from "./base-image.ts";
import { releaseBootstrapManifest } from "./bootstrap-manifest.ts";
import { combinePlatforms, type PlatformImages, writePlatforms } from "./platform-images.ts";
import { buildProgramImage, programNames } from "./program-image.ts";

/** One image of a release. */
export interface ReleaseImage extends PlatformImages {
  readonly name: string;
  /** `<registry prefix>/<name>:<tag>`. */
  readonly reference: string;
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
  /** What program images are built upon: one for each platform. */
  readonly bases: readonly BaseImage[];
  /** Time of the release, RFC 3339. Default: 1970, so that the same input gives the same digests. */
  readonly created?: string;
}

/**
 * Builds the images of a release and its bootstrap manifest, in memory. The package's locks carry the digests of the
 * program images that come with it.
 */
export async function buildRelease(options: BuildReleaseOptions): Promise<Release> {
  const programs = await Promise.all(
    programNames.map(async (name) => ({ name, ...(await buildProgram(name, options)) })),
  );
  const digests = Object.fromEntries(
    programs.map(({ name, manifest }) => [name, manifest.descriptor.digest]),
  );
  const created = options.created ?? "1970-01-01T00:00:00Z";
  const raw = await assemblePackage({ ...options, digests, created });
  // Packages are data, which operators of every platform read: one image is what all of them expect. In an OCI layout
  // skopeo finds images by tag only when they are in OCI's own format.
  const packageImage = await buildPackageImage(raw, { format: "oci" });
  const images = [
    ...programs,
    { name: "package-operator-package", ...combinePlatforms([{ image: packageImage }]) },
  ];
  return {
    images: images.map((image) => ({ ...image, reference: releaseReference(options, image.name) })),
    package: raw,
    bootstrapManifest: await releaseBootstrapManifest(options.configDir, options),
  };
}

async function buildProgram(name: string, { binDir, bases }: BuildReleaseOptions): Promise<PlatformImages> {
  const images = await Promise.all(
    bases.map(async (base) => ({
      image: await buildProgramImage(name, binDir, base),
      base,
    })),
  );
  return combinePlatforms(images);
}

/** Writes the images of a release under their tag; `open` gives the place for each name. */
export async function writeRelease(
  release: Release,
  open: (name: string) => Promise<ContentTarget> | ContentTarget,
  options: { readonly tag: string; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  for (const image of release.images) await writePlatforms(await open(image.name), image, options);
}
