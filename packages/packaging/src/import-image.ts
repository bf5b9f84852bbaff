import path from "node:path";
import { type ContentSource, type ImageConfig, type ImageManifest, readBlob } from "@package-operator/oci";
import { PackageError, violationError } from "./errors.ts";
import { findImage, type ImageFilesOptions, readImageFiles } from "./image-files.ts";
import { imageFolder, isHiddenPath, type RawPackage } from "./raw-package.ts";

/** How much of an image is read at most. */
export type ImportImageOptions = ImageFilesOptions;

/**
 * Reads a package from an image: the files below `package/` of all its layers, later layers winning, white-outs honoured.
 * Of an index the `linux/amd64` image is taken, whatever machine this is: packages are data.
 *
 * @throws PackageError `violation` when there are no files, `image` for content that cannot be a package; OciError from
 *   the source.
 */
export async function importImage(
  source: ContentSource,
  reference: string,
  options: ImportImageOptions = {},
): Promise<RawPackage> {
  const { signal } = options;
  const { manifest } = await findImage(source, reference, signal);
  const selection = { pathOf: packagePath, isWanted: (name: string) => !isHiddenPath(name) };
  const files = await readImageFiles(source, manifest, selection, options);
  if (files.size === 0) throw violationError({ reason: "no-files" });
  return { files, labels: await imageLabels(source, manifest, signal) };
}

async function imageLabels(
  source: ContentSource,
  manifest: ImageManifest,
  signal: AbortSignal | undefined,
): Promise<Readonly<Record<string, string>>> {
  const bytes = await readBlob(source, manifest.config, { signal });
  try {
    const config = JSON.parse(Buffer.from(bytes).toString("utf8")) as Partial<ImageConfig> | null;
    return config?.config?.Labels ?? {};
  } catch (cause) {
    throw new PackageError("image", `get configFile for Image: ${(cause as Error).message}`, { cause });
  }
}

/** The entry's path below `package/`; undefined for everything outside. */
function packagePath(name: string): string | undefined {
  const safe = path.posix.normalize(name.replaceAll("\\", "/"));
  if (safe === "." || safe === ".." || safe.startsWith("../")) return undefined;
  if (name.startsWith("/")) {
    throw new PackageError(
      "image",
      `package image contains files not under the dir package: Rel: can't make ${name} relative to package`,
    );
  }
  const clean = path.posix.normalize(name);
  return clean.startsWith(`${imageFolder}/`) ? clean.slice(imageFolder.length + 1) : undefined;
}
