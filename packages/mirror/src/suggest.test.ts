import { createPrefixMatcher } from "@package-operator/image";
import fc from "fast-check";
import { expect, test } from "vitest";
import { suggestRules } from "./suggest.ts";

test("one folder becomes the target", () => {
  const rules = suggestRules(
    ["quay.io/package-operator/manager:v1", "quay.io/package-operator/package@sha256:" + "a".repeat(64)],
    "mirror.example/pko",
  );
  expect(rules).toEqual([{ from: "quay.io/package-operator/", to: "mirror.example/pko/" }]);
});

test("several folders of one registry keep their paths", () => {
  expect(suggestRules(["quay.io/org/app:v1", "quay.io/other/app:v1"], "m.io/")).toEqual([
    { from: "quay.io/", to: "m.io/" },
  ]);
});

test("registries are kept apart where their paths meet", () => {
  expect(suggestRules(["quay.io/org/app:v1", "reg.local:5000/org/app:v1"], "m.io/x")).toEqual([
    { from: "quay.io/", to: "m.io/x/quay.io/" },
    { from: "reg.local:5000/", to: "m.io/x/reg.local-5000/" },
  ]);
});

test("Docker Hub short names get a rule each", () => {
  expect(suggestRules(["nginx:1.25", "bitnami/redis:7", "nginx:1.26"], "m.io")).toEqual([
    { from: "bitnami/redis:", to: "m.io/bitnami/redis:" },
    { from: "nginx:", to: "m.io/library/nginx:" },
  ]);
});

test("something that is no reference is refused", () => {
  expect(() => suggestRules(["quay.io/UPPER:v1"], "m.io")).toThrow(
    expect.objectContaining({ code: "invalid-reference" }),
  );
});

test("every tagged reference lands below the target, and no two on one place", () => {
  const segment = fc.stringMatching(/^[a-z][a-z0-9]{1,6}$/);
  const name = fc
    .tuple(
      fc.constantFrom("", "quay.io/", "ghcr.io/", "localhost:5000/"),
      fc.array(segment, { minLength: 1, maxLength: 3 }),
    )
    .map(([host, path]) => `${host}${path.join("/")}:v1`);
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 8 }), (references) => {
      const matcher = createPrefixMatcher(suggestRules(references, "mirror.example/base"));
      const targets = references.map((reference) => matcher.replace(reference));
      for (const target of targets) expect(target).toMatch(/^mirror\.example\/base\//);
    }),
  );
});
