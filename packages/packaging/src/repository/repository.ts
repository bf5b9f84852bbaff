import { compareVersions, parseVersion, type Version } from "@package-operator/schema";
import { PackageError } from "../errors.ts";
import type { ManifestConstraint } from "../manifest.ts";

/** A list of packages and their versions, kept as a file or an image. */
export interface Repository {
  readonly name: string;
  /** RFC 3339; absent until it is written for the first time. */
  readonly creationTimestamp?: string;
  readonly entries: readonly RepositoryEntry[];
}

/** One image of a package and the versions that it is. */
export interface RepositoryEntry {
  /** Name from the package's manifest. */
  readonly name: string;
  /** `<registry>/<repository>`. */
  readonly image: string;
  /** Hex of the manifest's digest, without `sha256:`, as every release has written it. */
  readonly digest: string;
  /** With leading `v`, newest first. */
  readonly versions: readonly string[];
  readonly constraints: readonly ManifestConstraint[];
}

/**
 * Adds an entry. Versions may come with or without `v`; an entry with the same digest takes the new versions in.
 * @throws PackageError `repository` for a version that the package has already or that is none.
 */
export function addEntry(repository: Repository, entry: RepositoryEntry): Repository {
  const isSamePackage = ({ name }: RepositoryEntry): boolean => name === entry.name;
  const known = new Set(repository.entries.filter(isSamePackage).flatMap(({ versions }) => versions));
  const added = entry.versions.map((version) => (version.startsWith("v") ? version : `v${version}`));
  for (const version of added) {
    if (known.has(version)) {
      throw new PackageError("repository", `package "${entry.name}" version "${version}" already exists`);
    }
    known.add(version);
    parseEntryVersion(version);
  }
  const isSame = (other: RepositoryEntry): boolean => isSamePackage(other) && other.digest === entry.digest;
  const previous = repository.entries.find(isSame);
  const versions = newestFirst([...(previous?.versions ?? []), ...added]);
  const others = repository.entries.filter((other) => !isSame(other));
  return { ...repository, entries: [...others, { ...entry, versions }] };
}

/**
 * Removes the entry of a package by its digest; a package that is not there at all is fine.
 * @throws PackageError `repository` when the package is there under other digests only.
 */
export function removeEntry(repository: Repository, name: string, digest: string): Repository {
  const entries = repository.entries.filter((entry) => entry.name !== name || entry.digest !== digest);
  const isUnknown = entries.length === repository.entries.length;
  if (isUnknown && entries.some((entry) => entry.name === name)) {
    throw new PackageError("repository", `package "${name}" digest "${digest}" not found`);
  }
  return { ...repository, entries };
}

/** Reads a version of an entry, with or without `v`. @throws PackageError `repository`. */
export function parseEntryVersion(text: string): Version {
  try {
    return parseVersion(text.replace(/^v/, ""));
  } catch (cause) {
    throw new PackageError("repository", (cause as Error).message, { cause });
  }
}

function newestFirst(versions: readonly string[]): string[] {
  return versions.toSorted((a, b) => compareVersions(parseEntryVersion(b), parseEntryVersion(a)));
}

/** Entries in the order they are written: by package, newest version first, then digest. */
export function sortEntries(entries: readonly RepositoryEntry[]): RepositoryEntry[] {
  return entries.toSorted((a, b) => {
    if (a.name !== b.name) return a.name < b.name ? -1 : 1;
    const order = compareVersions(parseEntryVersion(b.versions[0]!), parseEntryVersion(a.versions[0]!));
    if (order !== 0) return order;
    return a.digest < b.digest ? -1 : 1;
  });
}
