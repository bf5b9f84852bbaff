import type { ContentTarget, Descriptor } from "@package-operator/oci";
import type { BaseImage } from "./base-image.ts";
import type { BundledPackage } from "./bundled-packages.ts";
import { platformText } from "./pulled-base.ts";
import type { Release, ReleaseImage } from "./release.ts";
import { attachSbom, createSbom } from "./sbom.ts";

/** The bill of materials of one manifest of a release. */
export interface ReleaseSbom {
  /** Name of the image that it belongs to. */
  readonly image: string;
  readonly fileName: string;
  readonly subject: Descriptor;
  readonly text: string;
}

export interface ReleaseSbomsOptions {
  /** RFC 3339. */
  readonly created: string;
  readonly version: string;
  /** What is bundled into the programs. */
  readonly packages: readonly BundledPackage[];
}

/** A bill of materials for every image of a release; of an index also for each platform. */
export function createReleaseSboms(release: Release, options: ReleaseSbomsOptions): ReleaseSbom[] {
  return release.images.flatMap((image) => {
    const bases = image.images.flatMap(({ base }) => (base === undefined ? [] : [base]));
    const whole = describe(image, { subject: image.manifest.descriptor, bases, suffix: "" }, options);
    if (image.images.length === 1) return [whole];
    const parts = image.images.flatMap(({ image: { manifest }, base }) => {
      if (base === undefined) return [];
      const suffix = `-${platformText(base.platform).replaceAll("/", "-")}`;
      return [describe(image, { subject: manifest.descriptor, bases: [base], suffix }, options)];
    });
    return [whole, ...parts];
  });
}

function describe(
  { name, reference }: ReleaseImage,
  part: { readonly subject: Descriptor; readonly bases: readonly BaseImage[]; readonly suffix: string },
  { created, version, packages }: ReleaseSbomsOptions,
): ReleaseSbom {
  const { subject, bases, suffix } = part;
  const text = createSbom({
    reference,
    created,
    digest: subject.digest,
    version,
    packages: bases.length === 0 ? [] : packages,
    nodeVersions: [...new Set(bases.map(({ nodeVersion }) => nodeVersion))],
  });
  return { image: name, fileName: `${name}${suffix}.spdx.json`, subject, text };
}

/** Attaches each to its manifest, which the targets have. */
export async function attachReleaseSboms(
  sboms: readonly ReleaseSbom[],
  open: (name: string) => Promise<ContentTarget> | ContentTarget,
): Promise<void> {
  for (const { image, subject, text } of sboms) await attachSbom(await open(image), subject, text);
}
