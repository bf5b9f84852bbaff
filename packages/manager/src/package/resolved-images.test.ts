import { createPrefixMatcher } from "@package-operator/image";
import { describe, expect, test } from "vitest";
import { objectDeployment } from "../testing/objects.ts";
import { keptImagesAnnotation, resolvedImagesAnnotation } from "./resolved-images.ts";

const spec = "a".repeat(64);
const recorded = spec + "1".repeat(64);
const wanted = spec + "2".repeat(64);
const annotation = "package-operator.run/resolved-images";
const rules = [{ from: "quay.io/a/", to: "mirror/a/" }];

const deploymentWith = (annotations: Record<string, string>) => {
  const deployment = objectDeployment();
  return { ...deployment, metadata: { ...deployment.metadata, annotations } };
};

describe("a deployment made under other overrides", () => {
  const made = resolvedImagesAnnotation(
    recorded,
    ["quay.io/b/c:v1", "quay.io/a/b:v1"],
    createPrefixMatcher(rules),
  );
  const kept = (deployment = deploymentWith(made), hashes = { recorded, wanted }, more = rules) =>
    keptImagesAnnotation(deployment, hashes, createPrefixMatcher(more));

  test("is kept when no reference is resolved differently, and says so for the new hash", () => {
    const images = { "quay.io/a/b:v1": "mirror/a/b:v1", "quay.io/b/c:v1": "quay.io/b/c:v1" };
    expect(kept()).toEqual({ [annotation]: JSON.stringify({ unpackedHash: wanted, images }) });
  });

  test.each([
    ["an image of the lock is resolved differently", [...rules, { from: "quay.io/b/", to: "mirror/b/" }]],
    ["a rule is gone", []],
  ])("is made again when %s", (_, other) => {
    expect(kept(undefined, undefined, other)).toBeUndefined();
  });

  test("is made again for another spec, and when somebody else has unpacked since", () => {
    expect(kept(undefined, { recorded, wanted: "b".repeat(64) })).toBeUndefined();
    expect(kept(undefined, { recorded: spec + "3".repeat(64), wanted })).toBeUndefined();
  });

  test.each([
    ["{}"],
    ["null"],
    ["{"],
    [JSON.stringify({ unpackedHash: recorded })],
    [JSON.stringify({ unpackedHash: recorded, images: null })],
  ])("is made again when the annotation is %s", (text) => {
    expect(kept(deploymentWith({ [annotation]: text }))).toBeUndefined();
  });
});

test("too many references leave no annotation", () => {
  const references = Array.from({ length: 1000 }, (_, i) => `quay.io/${"x".repeat(100)}/${String(i)}`);
  expect(resolvedImagesAnnotation(recorded, references, createPrefixMatcher([]))).toEqual({});
});
