import { encodeYaml, type JsonObject } from "@package-operator/kube-yaml";
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
  /** The dependencies as they were solved. Default: none. */
  readonly dependencies?: readonly LockDependency[];
  /** The lock that is there; when nothing changed it is kept, with its time. */
  readonly current?: PackageManifestLock | undefined;
  /** RFC 3339, for a lock that is new or changed. */
  readonly now: string;
}

/** Resolves every image of a manifest, one after the other, into a lock; `changed` is false when the old one stays. */
export async function updateLock(
  manifest: PackageManifest,
  options: UpdateLockOptions,
): Promise<{ readonly lock: PackageManifestLock; readonly changed: boolean }> {
  const images: LockImage[] = [];
  for (const { name, image } of manifest.spec.images) {
    images.push({ name, image, digest: await options.resolveDigest(image) });
  }
  const spec = { images, dependencies: options.dependencies ?? [] };
  const { current } = options;
  if (current !== undefined && isSameSpec(current.spec, spec)) return { lock: current, changed: false };
  return { lock: { metadata: { creationTimestamp: options.now }, spec }, changed: true };
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
