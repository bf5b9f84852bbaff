import { type Overrides, parseReference, resolvePullReference } from "@package-operator/image";
import type { Keychain, RegistryClientOptions } from "@package-operator/oci";
import { createRegistryClient } from "@package-operator/oci";
import { importImage, type RawPackage } from "@package-operator/packaging";
import { at } from "../errors.ts";

/** Pulls package images. */
export interface PackagePuller {
  /**
   * Pulls the package of an image reference, overrides applied. Pulls of the same final reference that are under way
   * are shared. Throws `ManagerError` `pull` with the final reference in its message.
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
    async pull(image, pullOptions = {}) {
      const text = resolvePullReference(image, options.overrides);
      const reference = parsePullReference(text);
      let pulling = underWay.get(text);
      if (pulling === undefined) {
        pulling = pullReference(reference, options, pullOptions).finally(() => underWay.delete(text));
        underWay.set(text, pulling);
      }
      try {
        return await pulling;
      } catch (error) {
        throw at("pull", `pulling package image ${describeMirrored(image, text)}`, error);
      }
    },
  };
}

/** The reference something is pulled as, and, when an override made it, the one it stands for. */
export function describeMirrored(image: string, pulledAs: string): string {
  return pulledAs === image ? image : `${pulledAs} (in place of ${image})`;
}

async function pullReference(
  { registry, repository, identifier }: ReturnType<typeof parseReference>,
  options: PackagePullerOptions,
  { signal }: { signal?: AbortSignal | undefined },
): Promise<RawPackage> {
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
    throw at("pull", `parsing reference "${text}"`, error);
  }
}
