import { describe, expect, test } from "vitest";
import {
  compareVersions,
  containsConstraint,
  formatVersion,
  parseConstraint,
  parseVersion,
  satisfies,
  type SemverOptions,
} from "@package-operator/schema";
import { outcome, readVectors } from "./read-vectors.ts";

/** The vectors are answers of the version library itself, with its mistakes. */
const upstream: SemverOptions = { reading: "upstream" };

interface ConstraintVector {
  id: string;
  constraint: string;
  version: string;
  result?: boolean;
  error?: string;
}

describe("constraint", () => {
  test.each(readVectors<ConstraintVector>("semver_constraint"))(
    "$id",
    ({ constraint, version, ...expected }) => {
      const { value, error } = outcome(() =>
        satisfies(parseConstraint(constraint, upstream), parseVersion(version, upstream)),
      );
      expect(error).toBe(expected.error);
      expect(value).toBe(expected.result);
    },
  );
});

interface VersionVector {
  id: string;
  version: string;
  string?: string;
  major?: string;
  minor?: string;
  patch?: string;
  preRelease?: string[];
  buildMetadata?: string[];
  error?: string;
}

describe("version", () => {
  test.each(readVectors<VersionVector>("semver_version"))(
    "$id",
    ({ id: _id, version, error: expected, ...parts }) => {
      const { value, error } = outcome(() => parseVersion(version, upstream));
      expect(error).toBe(expected);
      if (value === undefined) return;
      const text = Object.fromEntries(
        Object.entries(value).map(([key, part]) => [key, typeof part === "bigint" ? String(part) : part]),
      );
      // The largest number prints as a wildcard; the vectors show the text before that.
      expect({ ...text, string: formatVersion(value) }).toEqual(parts);
    },
  );
});

interface CompareVector {
  id: string;
  a: string;
  b: string;
  compare: number;
  same: boolean;
}

describe("compare", () => {
  test.each(readVectors<CompareVector>("semver_compare"))("$id", ({ a, b, compare, same }) => {
    const [left, right] = [parseVersion(a), parseVersion(b)];
    expect(compareVersions(left, right)).toBe(compare);
    expect(formatVersion(left) === formatVersion(right)).toBe(same);
  });
});

interface ContainsVector {
  id: string;
  constraint: string;
  other: string;
  contains: boolean;
}

describe("contains", () => {
  test.each(readVectors<ContainsVector>("semver_contains"))("$id", ({ constraint, other, contains }) => {
    expect(
      containsConstraint(parseConstraint(constraint, upstream), parseConstraint(other, upstream), upstream),
    ).toBe(contains);
  });
});
