import type { ContentSource } from "@package-operator/oci";
import {
  importImage,
  loadPackage,
  type Package,
  PackageError,
  type RawPackage,
} from "@package-operator/packaging";
import type { ImageRequest } from "./closure.ts";
import { MirrorError } from "./errors.ts";
import type { ImageLeak } from "./leaks.ts";
import { renderedImages } from "./rendered-images.ts";

/** A package's files and what messages call it. */
export interface PackageFiles {
  /** A reference, or the path of a folder or file. */
  readonly name: string;
  /** What `{{.package.image}}` stands for: the reference; empty for files. */
  readonly reference: string;
  readonly raw: RawPackage;
}

/** Reads a package out of its image. */
export async function openPackageImage(
  source: ContentSource,
  digest: string,
  options: { readonly reference: string; readonly signal?: AbortSignal | undefined },
): Promise<PackageFiles> {
  const { reference, signal } = options;
  return { name: reference, reference, raw: await importImage(source, digest, { signal }) };
}

/** What a package says about images. */
export interface ImagesOfPackage {
  readonly requests: readonly ImageRequest[];
  readonly leaks: readonly ImageLeak[];
  readonly warnings: readonly string[];
}

/** The images a package needs: locked ones of root and components, dependencies, and packages that it installs. */
export async function imagesOfPackage(files: PackageFiles): Promise<ImagesOfPackage> {
  const root = load(files);
  const warnings: string[] = [];
  const leaks: ImageLeak[] = [];
  const requests = [root, ...root.components].flatMap((part) => {
    const place = { in: files.name, ...(part === root ? {} : { component: part.manifest.metadata.name }) };
    const rendered = renderedImages(part, files.reference);
    leaks.push(...rendered.literals.map((literal) => ({ ...literal, ...place })));
    warnings.push(...rendered.warnings.map((warning) => `${files.name}: ${warning}`));
    return [
      ...lockedRequests(part, place),
      ...rendered.packages.map(({ reference, locked }): ImageRequest => ({
        reference,
        ...(locked === undefined ? {} : { digest: fullDigest(locked.digest) }),
        isPackage: true,
        reason: { kind: "package", ...place },
      })),
    ];
  });
  return { requests, leaks, warnings };
}

function load({ name, raw }: PackageFiles): Package {
  try {
    return loadPackage(raw);
  } catch (cause) {
    if (!(cause instanceof PackageError)) throw cause;
    throw new MirrorError("source", `${name} is not a package: ${cause.message}`, { subject: name, cause });
  }
}

function lockedRequests(
  { lock, manifest }: Package,
  place: { readonly in: string; readonly component?: string },
): ImageRequest[] {
  if (lock === undefined) {
    if (manifest.spec.images.length === 0) return [];
    throw new MirrorError(
      "source",
      `${place.in}${place.component === undefined ? "" : `, component ${place.component}`}: images are declared but ` +
        "there is no manifest.lock.yaml; run `kubectl package update` first",
      { subject: place.in },
    );
  }
  const { images, dependencies } = lock.spec;
  return [
    ...images.map(({ name, image, digest }): ImageRequest => ({
      reference: image,
      digest: fullDigest(digest),
      isPackage: false,
      reason: { kind: "lock", ...place, name },
    })),
    ...dependencies.map(({ name, image, digest }): ImageRequest => ({
      reference: image,
      digest: fullDigest(digest),
      isPackage: true,
      reason: { kind: "dependency", ...place, name },
    })),
  ];
}

/** Repository files, and locks made from them by older tools, carry bare hex. */
function fullDigest(digest: string): string {
  return digest.includes(":") ? digest : `sha256:${digest}`;
}
