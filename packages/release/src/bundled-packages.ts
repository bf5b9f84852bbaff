import { ReleaseError } from "./errors.ts";

/** An npm package that is part of a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression; undefined where the package names none. */
  readonly license: string | undefined;
  /** Subresource integrity, `sha512-<base64>`. */
  readonly integrity: string | undefined;
}

interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * The third-party packages that a workspace needs at run time, read from an npm lock file (version 3).
 * @throws ReleaseError `input` when the lock does not know a dependency.
 */
export function bundledPackages(lockFile: string, workspace: string): BundledPackage[] {
  const { packages = {} } = JSON.parse(lockFile) as { packages?: Readonly<Record<string, LockEntry>> };
  const found = new Map<string, BundledPackage>();
  const seen = new Set<string>();
  const visit = (location: string): void => {
    if (seen.has(location)) return;
    seen.add(location);
    const entry = packages[location];
    if (entry === undefined) throw new ReleaseError("input", `package-lock.json has no ${location}`);
    if (entry.link === true) return visit(entry.resolved ?? "");
    const name = location.split("node_modules/").at(-1)!;
    if (location.includes("node_modules/")) {
      const { version = "", license, integrity } = entry;
      found.set(`${name}@${version}`, { name, version, license, integrity });
    }
    for (const dependency of Object.keys(entry.dependencies ?? {})) visit(resolve(location, dependency));
  };
  const resolve = (from: string, dependency: string): string => {
    for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf("/node_modules/"), 0))) {
      const candidate = `${folder === "" ? "" : `${folder}/`}node_modules/${dependency}`;
      if (packages[candidate] !== undefined) return candidate;
      if (folder === "")
        throw new ReleaseError("input", `package-lock.json has no ${dependency}, needed by ${from}`);
    }
  };
  visit(workspace);
  return [...found.values()].toSorted((a, b) =>
    `${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1,
  );
}
