import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseConstraint, satisfies } from "./semver-constraint.ts";
import { containsConstraint } from "./semver-contains.ts";
import { compareVersions, formatVersion, parseVersion } from "./semver-version.ts";

const part = fc.oneof(fc.nat(4), fc.maxSafeNat());
const identifier = fc.oneof(fc.nat(20).map(String), fc.stringMatching(/^[a-z-][0-9a-z-]{0,3}$/));
const suffix = fc.array(identifier, { maxLength: 3 });
const version = fc
  .tuple(part, part, part, suffix, suffix)
  .map(([major, minor, patch, pre, build]) =>
    [`${major}.${minor}.${patch}`, ["-", pre], ["+", build]]
      .map((piece) =>
        typeof piece === "string"
          ? piece
          : piece[1]!.length === 0
            ? ""
            : `${piece[0] as string}${(piece[1] as string[]).join(".")}`,
      )
      .join(""),
  );
const release = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)).map((parts) => parts.join("."));
const clause = fc
  .tuple(fc.constantFrom("=", "!=", ">", ">=", "<", "<=", "~", "^"), release)
  .map(([operator, bound]) => operator + bound);

describe("versions", () => {
  test("print as they were read", () => {
    fc.assert(
      fc.property(version, (text) => {
        expect(formatVersion(parseVersion(text))).toBe(text);
      }),
    );
  });

  test("have a total order", () => {
    fc.assert(
      fc.property(version, version, version, (...texts) => {
        const [a, b, c] = texts.map((text) => parseVersion(text)) as [
          ReturnType<typeof parseVersion>,
          ReturnType<typeof parseVersion>,
          ReturnType<typeof parseVersion>,
        ];
        expect(compareVersions(a, a)).toBe(0);
        expect(compareVersions(a, b) + compareVersions(b, a)).toBe(0);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) {
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });
});

describe("the documented reading", () => {
  test.each([
    ["<0.0.0", "0.0.0", false],
    ["<1.0.5", "1.0.4", true],
    ["<1.0.5", "1.0.5", false],
    ["!=1.2.0 && >=1", "0.9.0", false],
    [">=1 !=1.2.0", "1.2.0", false],
    [">=1.2.3 ~1.2", "1.2.0", false],
    ["=x", "7.8.9", true],
    [">18446744073709551615", "1.0.0", false],
  ])("%s and %s: %s", (constraint, candidate, expected) => {
    expect(satisfies(parseConstraint(constraint), parseVersion(candidate))).toBe(expected);
  });

  test("accepts identifiers of one letter", () => {
    expect(parseVersion("1.2.3-a.1+b").preRelease).toEqual(["a", "1"]);
  });

  test("a range that contains another allows all that the other allows", () => {
    fc.assert(
      fc.property(
        fc.array(clause, { minLength: 1, maxLength: 3 }),
        clause,
        release,
        (outer, inner, candidate) => {
          const [a, b] = [parseConstraint(outer.join(" || ")), parseConstraint(inner)];
          fc.pre(containsConstraint(a, b) && satisfies(b, parseVersion(candidate)));
          expect(satisfies(a, parseVersion(candidate))).toBe(true);
        },
      ),
    );
  });

  test("an exclusion contains what does not meet it", () => {
    expect(containsConstraint(parseConstraint("!=1.2.0"), parseConstraint(">=1.3 <2"))).toBe(true);
    expect(containsConstraint(parseConstraint("!=1.2.0"), parseConstraint(">=1 <2"))).toBe(false);
    expect(containsConstraint(parseConstraint("!=1.2.0"), parseConstraint(">=1 <2 !=1.2.0"))).toBe(true);
    expect(containsConstraint(parseConstraint("^1"), parseConstraint("=1.2.3 || =2.0.0"))).toBe(false);
    expect(containsConstraint(parseConstraint("^1"), parseConstraint(">=1.2 <1.5"))).toBe(true);
  });
});

test("errors have a code of their own", () => {
  expect(() => parseVersion("v1.2.3")).toThrow(expect.objectContaining({ code: "invalid-version" }) as Error);
  expect(() => parseConstraint("1.2.3")).toThrow(
    expect.objectContaining({ code: "invalid-constraint" }) as Error,
  );
});
