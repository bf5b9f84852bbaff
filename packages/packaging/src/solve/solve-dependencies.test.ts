import { describe, expect, test } from "vitest";
import { decodeManifest } from "../decode-manifest.ts";
import type { LockDependency, ManifestConstraint } from "../manifest.ts";
import { addEntry, type Repository } from "../repository/repository.ts";
import { solveDependencies } from "./solve-dependencies.ts";

type Wanted = readonly [name: string, fqdn: string, range?: string];

function solve(
  wanted: readonly Wanted[],
  repositories: readonly Repository[],
  constraints: readonly ManifestConstraint[] = [],
): readonly LockDependency[] {
  const dependencies = wanted.map(([name, fqdn, range = ""]) => ({ image: { name, package: fqdn, range } }));
  const manifest = decodeManifest(
    JSON.stringify({
      apiVersion: "manifests.package-operator.run/v1alpha1",
      kind: "PackageManifest",
      metadata: { name: "m" },
      spec: { dependencies, constraints },
    }),
    "manifest.yaml",
  );
  return solveDependencies(manifest, repositories);
}

function repository(
  name: string,
  packages: Readonly<Record<string, readonly string[]>>,
  constraints: readonly ManifestConstraint[] = [],
): Repository {
  const entries = Object.entries(packages).flatMap(([pkg, versions]) =>
    versions.map((version) => ({ pkg, version })),
  );
  return entries.reduce<Repository>(
    (all, { pkg, version }) =>
      addEntry(all, {
        name: pkg,
        image: `quay.io/${name}/${pkg}`,
        digest: `${pkg}${version}`,
        versions: [version],
        constraints,
      }),
    { name, entries: [] },
  );
}

const yard = repository("yard", { p: ["1.0.0", "2.0.0", "1.10.0"], q: ["0.1.0"] });
const unsatisfiable = (...lines: string[]): string =>
  ["solving package deps: constraints not satisfiable:", ...lines, "package m is mandatory"].join("\n");

test("the newest version, with its digest complete", () => {
  expect(solve([["dep", "p.yard"]], [yard])).toEqual([
    { name: "dep", image: "quay.io/yard/p", digest: "sha256:p2.0.0", version: "2.0.0" },
  ]);
});

test("the newest version in all ranges, once per dependency", () => {
  const found = solve(
    [
      ["a", "p.yard"],
      ["z", "q.yard"],
      ["b", "p.yard", "<2.0.0"],
    ],
    [yard],
  );
  expect(found.map(({ name, version }) => `${name}@${version}`)).toEqual(["a@1.10.0", "b@1.10.0", "z@0.1.0"]);
});

test("nothing is wanted", () => {
  expect(solve([], [yard])).toEqual([]);
});

test("packages of the same name and version in two repositories", () => {
  const found = solve(
    [
      ["a", "p.yard", "=1.0.0"],
      ["b", "p.barn"],
    ],
    [yard, repository("barn", { p: ["1.0.0"] })],
  );
  expect(found.map(({ image }) => image)).toEqual(["quay.io/yard/p", "quay.io/barn/p"]);
});

test("of two repositories with one name the last counts", () => {
  expect(solve([["a", "p.yard"]], [yard, repository("yard", { p: ["3.0.0"] })])[0]?.version).toBe("3.0.0");
});

describe("platforms", () => {
  const kubernetes = (range: string): ManifestConstraint => ({
    platformVersion: { name: "Kubernetes", range },
  });
  const openShift: ManifestConstraint = { platform: ["OpenShift"] };
  const either: ManifestConstraint = { platform: ["Kubernetes", "OpenShift"] };

  test.each<[string, ManifestConstraint[], ManifestConstraint[]]>([
    ["nothing required", [], []],
    ["nothing required of a choosy package", [], [openShift]],
    ["the same range", [kubernetes(">=1.20")], [kubernetes(">=1.20")]],
    ["a wider range", [kubernetes(">=1.29 <1.31")], [kubernetes(">=1.20")]],
    ["any version", [kubernetes(">=1.29")], [either]],
    ["lists meet", [openShift], [either, openShift]],
  ])("supported: %s", (_name, required, offered) => {
    expect(solve([["a", "p.yard"]], [repository("yard", { p: ["1.0.0"] }, offered)], required)).toHaveLength(
      1,
    );
  });

  test("a candidate that says nothing supports nothing", () => {
    expect(() => solve([["a", "p.yard"]], [repository("yard", { p: ["1.0.0"] })], [openShift])).toThrow(
      unsatisfiable(
        'support for platform "OpenShift" is required but dependency p@1.0.0 for package m does not support it',
        "package m requires at least one of dependency p@1.0.0 for package m",
      ),
    );
  });

  test("a range that is too narrow", () => {
    const narrow = repository("yard", { p: ["1.0.0"] }, [kubernetes(">=1.30")]);
    expect(() => solve([["a", "p.yard"]], [narrow], [kubernetes(">=1.29")])).toThrow(
      'support for platform "Kubernetes" within range ">=1.29" is required but dependency p@1.0.0 for package m supports only ">=1.30"',
    );
  });

  test("an older version that fits is taken", () => {
    const mixed = addEntry(repository("yard", { p: ["1.0.0"] }, [openShift]), {
      name: "p",
      image: "quay.io/yard/p",
      digest: "dd",
      versions: ["2.0.0"],
      constraints: [],
    });
    expect(solve([["a", "p.yard"]], [mixed], [openShift])[0]?.version).toBe("1.0.0");
  });

  test.each<[ManifestConstraint, string]>([
    [
      { platform: [""] },
      "package repository inconsistent:  constraint #0 has empty platform type in allow list",
    ],
    [
      { platformVersion: { name: "", range: ">=1" } },
      "package repository inconsistent: constraint #0 has empty platform type for version range",
    ],
    [kubernetes("1.2"), "package repository inconsistent: constraint #0 has invalid range: "],
  ])("%j", (constraint, message) => {
    expect(() => solve([["a", "p.yard"]], [repository("yard", { p: ["1.0.0"] }, [constraint])])).toThrow(
      message,
    );
  });
});

describe("cannot be met", () => {
  test.each<[Wanted[], string]>([
    [[["a", "r.yard"]], unsatisfiable("package m requires package r.yard which has no candidates")],
    [
      [["a", "p.yard", ">=3"]],
      unsatisfiable(
        "package m requires package p.yard with version constraint >=3 but no available version out of [2.0.0 1.10.0 1.0.0] satisfies this",
      ),
    ],
    [
      [
        ["a", "p.yard", "=1.0.0"],
        ["b", "p.yard", "=2.0.0"],
      ],
      unsatisfiable(
        "dependency p@2.0.0 for package m conflicts with dependency p@1.0.0 for package m",
        "package m requires at least one of dependency p@1.0.0 for package m",
        "package m requires at least one of dependency p@2.0.0 for package m",
      ),
    ],
    [[["a", "p.yard", "1.2.3"]], "range closed without operator"],
  ])("%j", (wanted, message) => {
    expect(() => solve(wanted, [yard])).toThrow(message);
  });
});
