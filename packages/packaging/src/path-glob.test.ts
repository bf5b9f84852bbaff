import { describe, expect, test } from "vitest";
import { GlobSyntaxError, matchPathGlob } from "./path-glob.ts";

describe("matches whole paths", () => {
  test.each([
    ["a.yaml", "a.yaml", true],
    ["*.yaml", "a.yaml", true],
    ["*.yaml", "d/a.yaml", false],
    ["*", ".hidden", true],
    ["a*", "a", true],
    ["a?c", "abc", true],
    ["a?c", "a/c", false],
    ["[a-c].yaml", "b.yaml", true],
    ["[^a-c].yaml", "b.yaml", false],
    ["[!a].yaml", "!.yaml", true],
    ["{a,b/c,}.yaml", "b/c.yaml", true],
    ["{a,b/c,}.yaml", ".yaml", true],
    ["{a,{b,c}}x", "cx", true],
    ["\\*.yaml", "*.yaml", true],
    ["\\{a\\}", "{a}", true],
    ["**/a.yaml", "a.yaml", true],
    ["**/a.yaml", "d/e/a.yaml", true],
    ["dir/**", "dir/a/b", true],
    ["dir/**", "dir", false],
    ["a/**/b", "a/b", true],
    ["**.yaml", "d/a.yaml", false],
    ["**.yaml", "a.yaml", true],
    ["./a.yaml", "a.yaml", false],
    ["/a.yaml", "a.yaml", false],
    ["a.yaml/", "a.yaml", false],
    ["", "a", false],
    ["{**/a,b}", "x/a", true],
    ["{**/a,b}", "x/y/a", false],
    ["{x/**,b}", "x/y/a", true],
    ["ü*", "üx", true],
    // As doublestar has it, where alternatives of several segments meet.
    ["{a,a/b}", "a", false],
    ["{a,a/b}", "a/b", true],
    ["{*,a}{a,}", "x", false],
  ])("%s on %s", (pattern, path, expected) => {
    expect(matchPathGlob(pattern, path)).toBe(expected);
  });
});

test.each(["[", "{a", "a[", "a\\", "[]a", "[a-]", "[-a]", "ab{c,d/e}"])(
  "%s is refused when matching gets there",
  (pattern) => {
    expect(() => matchPathGlob(pattern, "ab")).toThrow(GlobSyntaxError);
    expect(matchPathGlob(`x${pattern}`, "ab")).toBe(false);
  },
);

test.each([
  ["alternatives", "{a,a}".repeat(40), "a".repeat(41)],
  ["stars", "*a".repeat(40), `${"a".repeat(60)}b`],
])("%s that multiply without end are refused", (_name, pattern, path) => {
  expect(() => matchPathGlob(pattern, path)).toThrow(GlobSyntaxError);
});
