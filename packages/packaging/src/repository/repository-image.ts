import { type BuiltImage, buildImage, type ContentSource, createLayer } from "@package-operator/oci";
import { PackageError } from "../errors.ts";
import { findImage, readImageFiles } from "../image-files.ts";
import type { Repository } from "./repository.ts";
import { decodeRepository, formatRepository } from "./repository-file.ts";

const filePath = "repository/repository.yaml";

/** Makes the image of a repository: one layer with its file. */
export async function buildRepositoryImage(repository: Repository, now: string): Promise<BuiltImage> {
  const content = Buffer.from(formatRepository(repository, now));
  return buildImage({ layers: [await createLayer([{ path: filePath, content, mode: 0 }])] });
}

/** Reads a repository from its image. @throws PackageError `image` when there is none in it; what the file throws. */
export async function importRepositoryImage(
  source: ContentSource,
  reference: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Repository> {
  const { manifest } = await findImage(source, reference, options.signal);
  const selection = { pathOf: (entry: string) => (entry === filePath ? entry : undefined) };
  const content = (await readImageFiles(source, manifest, selection, options)).get(filePath);
  if (content === undefined) throw new PackageError("image", "read from image tar: EOF");
  return decodeRepository(content);
}
