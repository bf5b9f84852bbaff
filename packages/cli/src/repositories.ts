import type { RegistryClient } from "@package-operator/oci";
import type { PackageManifest, Repository } from "@package-operator/packaging";
import type { Context } from "./context.ts";
import { withPrefix } from "./errors.ts";
import { readText } from "./files.ts";

/** Reads a repository file. */
export async function readRepository(context: Context, file: string): Promise<Repository> {
  const { decodeRepository } = await import("@package-operator/packaging");
  return decodeRepository(await readText(context, file));
}

/** Reads a repository from its image. */
export function pullRepository(
  { signal }: Context,
  registries: RegistryClient,
  image: string,
): Promise<Repository> {
  return withPrefix("pull repository image", async () => {
    const { importRepositoryImage } = await import("@package-operator/packaging");
    const { repository, reference } = registries.image(image);
    return importRepositoryImage(repository, reference, { signal });
  });
}

/** All repositories that a manifest names; files are relative to the working directory. */
export async function manifestRepositories(
  context: Context,
  { spec }: PackageManifest,
  registries: RegistryClient,
): Promise<readonly Repository[]> {
  const repositories: Repository[] = [];
  for (const { file, image } of spec.repositories) {
    if (file !== "") repositories.push(await readRepository(context, file));
    if (image !== "") repositories.push(await pullRepository(context, registries, image));
  }
  return repositories;
}
