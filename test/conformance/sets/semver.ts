import {
  compareVersions,
  containsConstraint,
  formatVersion,
  parseConstraint,
  parseVersion,
  satisfies,
  type SemverOptions,
} from "@package-operator/schema";
import { outcome, type VectorSet, vectorSet } from "../vector-set.ts";

/** The vectors are answers of the version library itself, with its mistakes. */
const upstream: SemverOptions = { reading: "upstream" };

interface VersionVector {
  readonly version: string;
  readonly string?: string;
  readonly major?: string;
  readonly minor?: string;
  readonly patch?: string;
  readonly preRelease?: string[] | null;
  readonly buildMetadata?: string[] | null;
  readonly error?: string;
}

export const semverSets: Readonly<Record<string, VectorSet>> = {
  semver_constraint: vectorSet<{ constraint: string; version: string; result?: boolean; error?: string }>(
    (vector) => ({
      expected: vector.error === undefined ? { value: vector.result } : { error: vector.error },
      actual: outcome(() =>
        satisfies(parseConstraint(vector.constraint, upstream), parseVersion(vector.version, upstream)),
      ),
    }),
  ),
  semver_version: vectorSet<VersionVector>((vector) => {
    const { version: text, error, string, major, minor, patch, preRelease, buildMetadata } = vector;
    return {
      expected:
        error === undefined
          ? { value: { string, major, minor, patch, preRelease, buildMetadata } }
          : { error },
      actual: outcome(() => {
        const version = parseVersion(text, upstream);
        return {
          string: formatVersion(version),
          major: String(version.major),
          minor: String(version.minor),
          patch: String(version.patch),
          preRelease: version.preRelease,
          buildMetadata: version.buildMetadata,
        };
      }),
    };
  }),
  semver_compare: vectorSet<{ a: string; b: string; compare: number; same: boolean }>(
    ({ a, b, compare, same }) => {
      const [left, right] = [parseVersion(a), parseVersion(b)];
      return {
        expected: { compare, same },
        actual: { compare: compareVersions(left, right), same: formatVersion(left) === formatVersion(right) },
      };
    },
  ),
  semver_contains: vectorSet<{ constraint: string; other: string; contains: boolean }>((vector) => ({
    expected: { value: vector.contains },
    actual: outcome(() =>
      containsConstraint(
        parseConstraint(vector.constraint, upstream),
        parseConstraint(vector.other, upstream),
        upstream,
      ),
    ),
  })),
};
