import {
  compareVersions,
  formatVersion,
  maxPart,
  type SemverReading,
  type Version,
} from "./semver-version.ts";
import type { RangeOperator } from "./semver-scanner.ts";

/** Versions between two bounds, both included; nothing when the lower one is greater. */
export interface VersionRange {
  readonly min: Version;
  readonly max: Version;
}

/** A version as written in a range. */
export interface RangeVersion {
  readonly version: Version;
  /** Index of the last part that was given: 0 major, 1 minor, 2 patch. */
  readonly precision: number;
  /** Whether the major part is a wildcard. */
  readonly anyMajor: boolean;
}

/** A version without pre-release. */
export function plainVersion(major: bigint, minor: bigint, patch: bigint): Version {
  return { major, minor, patch, preRelease: [], buildMetadata: [] };
}

/** The lowest version without pre-release. */
export const lowest: Version = plainVersion(0n, 0n, 0n);
/** The highest version. */
export const highest: Version = plainVersion(maxPart, maxPart, maxPart);
const none: VersionRange = { min: highest, max: lowest };

/** The range that an operator makes of a version; for `!=` it is the one to exclude. */
export function expandRange(
  operator: RangeOperator,
  given: RangeVersion,
  reading: SemverReading,
): VersionRange {
  const { version, precision, anyMajor } = given;
  const { major, minor, patch } = version;
  switch (operator) {
    case "=":
    case "!=":
      if (anyMajor && reading === "documented") return { min: lowest, max: highest };
      return {
        min: version,
        max: plainVersion(major, precision < 1 ? maxPart : minor, precision < 2 ? maxPart : patch),
      };
    case ">":
      return above(version, precision, reading);
    case ">=":
      return { min: version, max: highest };
    case "<":
      return reading === "documented" ? below(version) : belowAsUpstream(version);
    case "<=":
      return { min: lowest, max: version };
    case "~":
      return { min: version, max: plainVersion(major, minor === 0n ? maxPart : minor, maxPart) };
    default:
      return { min: version, max: plainVersion(major, major === 0n ? minor : maxPart, maxPart) };
  }
}

/** `a - b`; a wildcard on the right opens everything after it. */
export function hyphenRange(min: Version, max: Version): VersionRange {
  const minor = max.major === maxPart ? maxPart : max.minor;
  return { min, max: plainVersion(max.major, minor, minor === maxPart ? maxPart : max.patch) };
}

/** Whether a version lies in a range. */
export function inRange({ min, max }: VersionRange, version: Version): boolean {
  return compareVersions(version, min) >= 0 && compareVersions(version, max) <= 0;
}

/** Whether one range lies in another. */
export function containsRange(outer: VersionRange, inner: VersionRange): boolean {
  return compareVersions(outer.min, inner.min) <= 0 && compareVersions(outer.max, inner.max) >= 0;
}

/** The text of a range in error messages. */
export function formatRange({ min, max }: VersionRange): string {
  const [from, to] = [formatVersion(min), formatVersion(max)];
  return from === to ? from : `${from} - ${to}`;
}

function above({ major, minor, patch }: Version, precision: number, reading: SemverReading): VersionRange {
  const parts = [major, minor, patch] as const;
  const raised = parts[precision === 0 ? 0 : precision === 1 ? 1 : 2] + 1n;
  if (raised > maxPart && reading === "documented") return none;
  const wrapped = BigInt.asUintN(64, raised);
  if (precision === 0) return { min: plainVersion(wrapped, minor, patch), max: highest };
  if (precision === 1) return { min: plainVersion(major, wrapped, patch), max: highest };
  return { min: plainVersion(major, minor, wrapped), max: highest };
}

function below({ major, minor, patch }: Version): VersionRange {
  if (patch > 0n) return { min: lowest, max: plainVersion(major, minor, patch - 1n) };
  if (minor > 0n) return { min: lowest, max: plainVersion(major, minor - 1n, maxPart) };
  return major > 0n ? { min: lowest, max: plainVersion(major - 1n, maxPart, maxPart) } : none;
}

/** Upstream forgets the patch of `<1.0.5`, and below zero it starts again at the highest version. */
function belowAsUpstream({ major, minor, patch }: Version): VersionRange {
  if (patch === 0n && minor > 0n) return { min: lowest, max: plainVersion(major, minor - 1n, maxPart) };
  if (minor === 0n) {
    return { min: lowest, max: plainVersion(BigInt.asUintN(64, major - 1n), maxPart, maxPart) };
  }
  return { min: lowest, max: plainVersion(major, minor, patch - 1n) };
}
