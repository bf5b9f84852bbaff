import { describe, expect, test } from "vitest";
import { unmetConstraints } from "./constraints.ts";
import type { Environment, ManifestConstraint } from "./manifest.ts";

const kubernetes: Environment = { kubernetes: { version: "v1.29.5" } };
const openShift: Environment = { ...kubernetes, openShift: { version: "4.13.2" } };
const unmet = (constraint: ManifestConstraint, environment = kubernetes, hasSibling = false): string[] =>
  unmetConstraints([constraint], { environment, hasSibling });

describe("platforms", () => {
  test.each([
    [["OpenShift"], kubernetes, ["OpenShift platform"]],
    [["OpenShift"], openShift, []],
    [["Kubernetes", "OpenShift"], kubernetes, []],
    [["Somewhere"], kubernetes, []],
  ])("%j", (platform, environment, expected) => {
    expect(unmet({ platform }, environment)).toEqual(expected);
  });
});

describe("versions", () => {
  test.each([
    ["Kubernetes", ">=1.29.x", []],
    ["Kubernetes", ">=1.30.x", ["Kubernetes v1.29.5 does not meet constraint >=1.30.x"]],
    ["OpenShift", ">=4.14.x", []],
    ["Somewhere", ">=9.0.0", []],
  ])("%s %s on plain Kubernetes", (name, range, expected) => {
    expect(unmet({ platformVersion: { name, range } })).toEqual(expected);
  });

  test("of OpenShift, on OpenShift", () => {
    expect(unmet({ platformVersion: { name: "OpenShift", range: ">=4.14.x" } }, openShift)).toEqual([
      "OpenShift 4.13.2 does not meet constraint >=4.14.x",
    ]);
  });

  test("that cannot be compared are not met", () => {
    expect(unmet({ platformVersion: { name: "Kubernetes", range: "1.2" } })).toEqual([
      expect.stringMatching(/^Kubernetes v1\.29\.5 cannot be compared with constraint 1\.2: /),
    ]);
  });
});

test("uniqueness looks at siblings", () => {
  expect(unmet({ uniqueInScope: {} })).toEqual([]);
  expect(unmet({ uniqueInScope: {} }, kubernetes, true)).toHaveLength(1);
});
