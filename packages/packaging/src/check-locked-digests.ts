import { ImageError, replaceRegistry, withDigest } from "@package-operator/image";
import { PackageError } from "./errors.ts";
import type { PackageManifestLock } from "./manifest.ts";

/** How locked digests are looked up. */
export interface DigestLookup {
  /** Fails when a registry does not have the reference. */
  readonly check: (reference: string) => Promise<unknown>;
  /** Registry asked instead of the one in the references (`PKO_REPOSITORY_HOST`). Default: none. */
  readonly registry?: string;
}

/**
 * Makes sure that every image of a lock still exists under its digest; looks them up side by side.
 * @throws PackageError `reference`, naming the first image of the lock that is not there.
 */
export async function checkLockedDigests(
  lock: PackageManifestLock | undefined,
  lookup: DigestLookup,
): Promise<void> {
  const checks = (lock?.spec.images ?? []).map(async ({ name, image, digest }) => {
    let reference: string;
    try {
      reference = withDigest(replaceRegistry(image, lookup.registry ?? ""), digest);
    } catch (cause) {
      if (!(cause instanceof ImageError)) throw cause;
      throw new PackageError(
        "reference",
        `${cause.message}: can't parse image "${name}" reference "${image}"`,
        {
          cause,
        },
      );
    }
    try {
      await lookup.check(reference);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new PackageError("reference", `${message}: image "${name}" digest error ("${digest}")`, {
        cause,
      });
    }
  });
  const failed = (await Promise.allSettled(checks)).find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
