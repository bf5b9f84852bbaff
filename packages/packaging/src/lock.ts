import { replaceRegistry } from "@package-operator/image";
import { encodeYaml, type JsonObject } from "@package-operator/kube-yaml";
import { PackageError } from "./errors.ts";
import {
  manifestGroup,
  manifestVersion,
  type LockDependency,
  type LockImage,
  type PackageManifest,
  type PackageManifestLock,
} from "./manifest.ts";

export interface UpdateLockOptions {
  /** The digest a reference has now; for an index the digest of the index. */
  readonly resolveDigest: (reference: string) => Promise<string>;
  /** Registry asked instead of the one in the references (`PKO_REPOSITORY_HOST`). Default: none. */
  readonly registry?: string;
  /** The dependencies as they were solved. Default: none. */
  readonly dependencies?: readonly LockDependency[];
  /** The lock that is there; when nothing changed it is kept, with its time. */
  readonly current?: PackageManifestLock | undefined;
  /** RFC 3339, for a lock that is new or changed. */
  readonly now: string;
}

/**
 * Resolves every image of a manifest into a lock; `changed` is false when the old one stays.
 * @throws PackageError `reference` for an image that cannot be resolved.
 */
export async function updateLock(
  manifest: PackageManifest,
  options: UpdateLockOptions,
): Promise<{ readonly lock: PackageManifestLock; readonly changed: boolean }> {
  const images = await Promise.all(
    manifest.spec.images.map(async ({ name, image }): Promise<LockImage> => {
      return { name, image, digest: await resolve(image, options) };
    }),
  );
  const spec = { images, dependencies: options.dependencies ?? [] };
  const { current } = options;
  if (current !== undefined && isSameSpec(current.spec, spec)) return { lock: current, changed: false };
  return { lock: { metadata: { creationTimestamp: options.now }, spec }, changed: true };
}

async function resolve(image: string, { resolveDigest, registry = "" }: UpdateLockOptions): Promise<string> {
  const failed = (step: string, cause: unknown): PackageError => {
    const message = cause instanceof Error ? cause.message : String(cause);
    return new PackageError(
      "reference",
      `resolving lock image for "${image}": resolving image ${step}: ${message}`,
      {
        cause,
      },
    );
  };
  let reference: string;
  try {
    reference = replaceRegistry(image, registry);
  } catch (cause) {
    throw failed("URL", cause);
  }
  try {
    return await resolveDigest(reference);
  } catch (cause) {
    throw failed("digest", cause);
  }
}

function isSameSpec(a: PackageManifestLock["spec"], b: PackageManifestLock["spec"]): boolean {
  const facts = ({ images, dependencies }: PackageManifestLock["spec"]): string =>
    JSON.stringify([
      images.map(({ name, image, digest }) => [name, image, digest]),
      dependencies.map(({ name, image, digest, version }) => [name, image, digest, version]),
    ]);
  return facts(a) === facts(b);
}

/** The text of `manifest.lock.yaml`: keys in alphabetical order, `dependencies` only where there are some. */
export function formatLock(lock: PackageManifestLock): string {
  const { creationTimestamp, name } = lock.metadata;
  const dependencies = lock.spec.dependencies.map((dependency): JsonObject => ({ ...dependency }));
  return encodeYaml({
    apiVersion: `${manifestGroup}/${manifestVersion}`,
    kind: "PackageManifestLock",
    metadata: {
      creationTimestamp: creationTimestamp ?? null,
      ...(name === undefined || name === "" ? {} : { name }),
    },
    spec: {
      ...(dependencies.length === 0 ? {} : { dependencies }),
      images: lock.spec.images.map((image): JsonObject => ({ ...image })),
    },
  });
}
