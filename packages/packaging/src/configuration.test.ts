import { createPrefixMatcher } from "@package-operator/image";
import { describe, expect, test } from "vitest";
import { admitConfig, requireConfig } from "./configuration.ts";
import { lockedImages, placeholderImages } from "./locked-images.ts";
import { failure, samplePackage } from "./testing/sample-package.ts";

const schema = `  config:
    openAPIV3Schema:
      type: object
      required: [needed]
      properties:
        needed: {type: string}
        size: {type: integer, default: 3}
`;
const { manifest } = samplePackage({}, schema);

describe("configuration", () => {
  test("is pruned and defaulted in a copy", () => {
    const given = { needed: "x", unknown: 1 };
    expect(requireConfig(manifest, given)).toEqual({ needed: "x", size: 3 });
    expect(given).toEqual({ needed: "x", unknown: 1 });
  });

  test("is empty without a schema", () => {
    expect(requireConfig(samplePackage({}).manifest, { a: 1 })).toEqual({});
  });

  test("null counts as empty, findings are one text", async () => {
    expect(admitConfig(manifest, null).config).toEqual({ size: 3 });
    expect(await failure(() => requireConfig(manifest, undefined))).toEqual({
      code: "configuration",
      message: "spec.config.needed: Required value",
    });
    expect(await failure(() => requireConfig(manifest, [1]))).toEqual({
      code: "configuration",
      message: "unmarshal config: json: cannot unmarshal array into Go value of type map[string]interface {}",
    });
  });
});

describe("images", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const lock = {
    metadata: {},
    spec: {
      images: [{ name: "web", image: "quay.io/org/web:v1", digest }],
      dependencies: [{ name: "db", image: "quay.io/org/db", digest: "a".repeat(64), version: "1.0.0" }],
    },
  };

  test("are overridden, then named by digest; a bare hex digest is completed", () => {
    const prefix = createPrefixMatcher([{ from: "quay.io/org/", to: "mirror.local/x/" }]);
    expect(lockedImages(lock, prefix)).toEqual({
      images: { web: `mirror.local/x/web@${digest}` },
      dependencies: { db: `mirror.local/x/db@${digest}` },
    });
    expect(lockedImages(undefined, prefix)).toEqual({ images: {}, dependencies: {} });
  });

  test("that are no references say so", async () => {
    const images = [{ name: "web", image: "UPPER", digest }];
    const broken = { ...lock, spec: { images, dependencies: [] } };
    expect(await failure(() => lockedImages(broken, createPrefixMatcher([])))).toMatchObject({
      code: "reference",
    });
  });

  test("are placeholders in tests", () => {
    const more =
      "  images: [{name: web, image: nginx}]\n  dependencies: [{image: {name: db, package: p.r, range: '>=1'}}]\n";
    expect(placeholderImages(samplePackage({}, more).manifest)).toEqual({
      images: { web: "registry.package-operator.run/static-image" },
      dependencies: { db: "registry.package-operator.run/static-image" },
    });
  });
});
