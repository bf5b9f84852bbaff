import { describe, expect, test } from "vitest";
import { kindOf, parseResource } from "./resource-argument.ts";

test.each([
  [["package/shed"], { type: "package", name: "shed" }],
  [["Package", "shed"], { type: "Package", name: "shed" }],
])("%j", (args, expected) => {
  expect(parseResource(args)).toEqual(expected);
});

describe("refused", () => {
  test.each([
    [["package"], "arguments invalid: arguments in resource/name form must have a single resource and name"],
    [["package/"], "arguments invalid: resource name may not be empty"],
    [["package", ""], "arguments invalid: resource name may not be empty"],
    [["package/app/x"], `arguments invalid: invalid resource name "app/x": [may not contain '/']`],
  ])("%j", (args, message) => {
    expect(() => parseResource(args)).toThrow(message);
  });
});

test("types are known by all their names", () => {
  expect(["PACKAGES", "pkg", "clpkg", "cod", "pod", "constructor"].map(kindOf)).toEqual([
    "Package",
    "Package",
    "ClusterPackage",
    "ClusterObjectDeployment",
    undefined,
    undefined,
  ]);
});
