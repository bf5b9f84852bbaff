import { type Overrides, parseReference, resolvePullReference } from "@package-operator/image";
import type { Keychain, RegistryClientOptions } from "@package-operator/oci";
import { createRegistryClient } from "@package-operator/oci";
import { importImage, type RawPackage } from "@package-operator/packaging";

/** Pulls package images. */
export interface PackagePuller {
  /**
   * Pulls the package of an image reference, overrides applied. Pulls of the same final reference that are under way
   * are shared. Throws `ImageError` for references that make no sense, and what the registry says.
   */
  pull(image: string, options?: { signal?: AbortSignal | undefined }): Promise<RawPackage>;
}

/** What a puller works with. */
export interface PackagePullerOptions {
  readonly overrides: Overrides;
  /** Asked before every pull, so that changed secrets count at once. */
  readonly keychain: (options: { signal?: AbortSignal | undefined }) => Promise<Keychain>;
  readonly registry: Omit<RegistryClientOptions, "keychain">;
}

/** Makes a puller. */
export function createPackagePuller(options: PackagePullerOptions): PackagePuller {
  const underWay = new Map<string, Promise<RawPackage>>();
  return {
    pull(image, pullOptions = {}) {
      const text = resolvePullReference(image, options.overrides);
      const running = underWay.get(text);
      if (running !== undefined) return running;
      const pulling = pullReference(text, options, pullOptions).finally(() => underWay.delete(text));
      underWay.set(text, pulling);
      return pulling;
    },
  };
}

async function pullReference(
  text: string,
  options: PackagePullerOptions,
  { signal }: { signal?: AbortSignal | undefined },
): Promise<RawPackage> {
  const { registry, repository, identifier } = parsePullReference(text);
  const client = createRegistryClient({ ...options.registry, keychain: await options.keychain({ signal }) });
  try {
    return await importImage(client.repository(registry, repository), identifier, { signal });
  } finally {
    await client.close();
  }
}

function parsePullReference(text: string): ReturnType<typeof parseReference> {
  try {
    return parseReference(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`parsing reference "${text}": ${reason}`, { cause: error });
  }
}
