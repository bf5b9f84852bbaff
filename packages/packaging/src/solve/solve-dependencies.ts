import { compareVersions, parseConstraint, satisfies, type Version } from "@package-operator/schema";
import { PackageError } from "../errors.ts";
import type { LockDependency, ManifestDependency, PackageManifest } from "../manifest.ts";
import { parseEntryVersion, type Repository, type RepositoryEntry } from "../repository/repository.ts";
import { missingSupport, type PlatformSupport, platformSupport } from "./platform-support.ts";

/** One version of a package of a repository. */
interface Candidate {
  readonly entry: RepositoryEntry;
  readonly version: Version;
  /** Without `v`. */
  readonly versionText: string;
  readonly support: PlatformSupport;
}

type ImageDependency = NonNullable<ManifestDependency["image"]>;

/**
 * Chooses a version for every dependency of a manifest: the newest one that is in the ranges of all dependencies on the
 * same package, and supports what the manifest supports. Of repositories with the same name the last one counts.
 * Dependencies of dependencies are not looked at.
 *
 * @throws PackageError `dependencies` with the reasons, `fields` for a dependency without an image; SchemaError for a
 *   range that is none.
 */
export function solveDependencies(
  manifest: PackageManifest,
  repositories: readonly Repository[],
): readonly LockDependency[] {
  const wanted = wantedPackages(manifest);
  const byName = new Map(repositories.map((repository) => [repository.name, repository]));
  const required = platformSupport(manifest.spec.constraints);
  const problem = problemWords(manifest.metadata.name);
  const chosen = [...wanted].map(([fqdn, dependencies]) => {
    const candidates = candidatesOf(fqdn, byName);
    return { dependencies, candidate: choose({ fqdn, dependencies, candidates, required }, problem) };
  });
  return chosen
    .map(({ dependencies, candidate }) => ({ dependencies, candidate, key: problem.subject(candidate) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .flatMap(({ dependencies, candidate: { entry, versionText } }) =>
      dependencies.map(({ name }) => ({
        name,
        image: entry.image,
        // Repositories carry bare hex; a digest is only a digest with its algorithm.
        digest: entry.digest.includes(":") ? entry.digest : `sha256:${entry.digest}`,
        version: versionText,
      })),
    );
}

/** The dependencies of a manifest by the full name of the package, in manifest order. */
function wantedPackages({ spec }: PackageManifest): ReadonlyMap<string, readonly ImageDependency[]> {
  const wanted = new Map<string, ImageDependency[]>();
  for (const [index, { image }] of spec.dependencies.entries()) {
    if (image === undefined) {
      throw new PackageError("fields", `spec.dependencies[${index}].image: Required value`);
    }
    wanted.set(image.package, [...(wanted.get(image.package) ?? []), image]);
  }
  return wanted;
}

/** All versions of `<package>.<repository>`, newest first. */
function candidatesOf(fqdn: string, repositories: ReadonlyMap<string, Repository>): Candidate[] {
  const entries = [...repositories.values()].flatMap((repository) =>
    repository.entries.filter(({ name }) => `${name}.${repository.name}` === fqdn),
  );
  return entries
    .flatMap((entry) => {
      const support = platformSupport(entry.constraints);
      return entry.versions.map((version) => ({
        entry,
        version: parseEntryVersion(version),
        versionText: version.replace(/^v/, ""),
        support,
      }));
    })
    .toSorted((a, b) => compareVersions(b.version, a.version));
}

interface Choice {
  readonly fqdn: string;
  readonly dependencies: readonly ImageDependency[];
  readonly candidates: readonly Candidate[];
  readonly required: PlatformSupport;
}

/** A package is installed in one version, so the choice for one package does not touch the others. */
function choose({ fqdn, dependencies, candidates, required }: Choice, problem: ProblemWords): Candidate {
  if (candidates.length === 0) throw problem.unsatisfiable([problem.noCandidates(fqdn)]);
  const ranges = dependencies.map(({ range }) => ({ range, fitting: inRange(candidates, range) }));
  const empty = ranges.find(({ fitting }) => fitting.length === 0);
  if (empty !== undefined) throw problem.unsatisfiable([problem.noneInRange(fqdn, empty.range, candidates)]);
  const common = candidates.filter((candidate) => ranges.every(({ fitting }) => fitting.includes(candidate)));
  const found = common.find(({ support }) => missingSupport(required, support, "").length === 0);
  if (found !== undefined) return found;
  const requirements = ranges.map(({ fitting }) => problem.oneOf(fitting));
  const reasons =
    common.length === 0
      ? problem.conflicts(ranges.flatMap(({ fitting }) => fitting))
      : common.flatMap((candidate) =>
          missingSupport(required, candidate.support, problem.subject(candidate)),
        );
  throw problem.unsatisfiable([...new Set([...reasons, ...requirements])]);
}

/** Every version is in an empty range. */
function inRange(candidates: readonly Candidate[], range: string): readonly Candidate[] {
  if (range === "") return candidates;
  const constraint = parseConstraint(range);
  return candidates.filter(({ version }) => satisfies(constraint, version));
}

type ProblemWords = ReturnType<typeof problemWords>;

/** Upstream's sentences about the dependencies of one manifest. */
function problemWords(manifest: string) {
  const subject = ({ entry, versionText }: Candidate): string =>
    `dependency ${entry.name}@${versionText} for package ${manifest}`;
  return {
    subject,
    noCandidates: (fqdn: string) => `package ${manifest} requires package ${fqdn} which has no candidates`,
    noneInRange(fqdn: string, range: string, candidates: readonly Candidate[]): string {
      const versions = candidates.map(({ versionText }) => versionText).join(" ");
      const what = `package ${manifest} requires package ${fqdn} with version constraint ${range}`;
      return `${what} but no available version out of [${versions}] satisfies this`;
    },
    oneOf: (candidates: readonly Candidate[]) =>
      `package ${manifest} requires at least one of ${candidates.map(subject).join(", ")}`,
    conflicts(candidates: readonly Candidate[]): string[] {
      const distinct = [...new Set(candidates)];
      return distinct.flatMap((one, index) =>
        distinct.slice(index + 1).map((other) => `${subject(other)} conflicts with ${subject(one)}`),
      );
    },
    unsatisfiable(lines: readonly string[]): PackageError {
      const all = [
        "solving package deps: constraints not satisfiable:",
        ...lines,
        `package ${manifest} is mandatory`,
      ];
      return new PackageError("dependencies", all.join("\n"));
    },
  };
}
