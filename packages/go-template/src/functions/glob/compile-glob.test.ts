import { describe, expect, test } from "vitest";
import { TemplateError } from "../../errors.ts";
import { Budget, resolveLimits } from "../../limits.ts";
import { encodeText } from "../../text/byte-string.ts";
import { compileGlob } from "./compile-glob.ts";

/** Whether a pattern matches a path, both as text. */
function matches(pattern: string, path: string): boolean {
  return compileGlob(encodeText(pattern), new Budget(resolveLimits()))(encodeText(path));
}

describe("patterns", () => {
  test.for([
    ["*.yaml", "a.yaml", true],
    ["*.yaml", "dir/a.yaml", false],
    ["*.yaml", ".yaml", true],
    ["**.yaml", "dir/sub/a.yaml", true],
    ["**/a.yaml", "a.yaml", false],
    ["**/a.yaml", "x/y/a.yaml", true],
    ["dir/**/*.yaml", "dir/a.yaml", false],
    ["dir/**/*.yaml", "dir/x/a.yaml", true],
    ["?.txt", "a.txt", true],
    ["?", "/", false],
    ["[abc].txt", "b.txt", true],
    ["[!a].txt", "a.txt", false],
    ["[!a].txt", "b.txt", true],
    ["[^a].txt", "^.txt", true],
    ["[a-c]", "c", true],
    ["[a-c]", "d", false],
    ["{a,b/c}.txt", "b/c.txt", true],
    ["{a,{b,c}}", "c", true],
    ["a\\*", "a*", true],
    ["a\\*", "ab", false],
    ["a,b", "a,b", true],
    ["é*", "éa", true],
    // Parts of fixed length side by side do not match what is not ASCII: a fault of the Go library.
    ["dir/?.txt", "dir/é.txt", false],
    // Faults of the Go library: alternatives of unlike length count as one length, and common parts are found apart.
    ["{*.yaml,*.txt}", "a.txt", true],
    ["{*.yaml,*.txt}*", "a.txt", false],
    ["*/{*.txt,b}", "dir/ab.txt", false],
    ["*/{b,*.txt}", "dir/ab.txt", true],
    ["***a", "a", false],
    ["", "", true],
  ] as const)("%s on %s", ([pattern, path, expected]) => {
    expect(matches(pattern, path)).toBe(expected);
  });

  test.for([
    ["stars", "*a".repeat(40)],
    ["parts", "?[a-b]*".repeat(2000)],
  ] as const)("of many %s end with the budget", ([, pattern]) => {
    expect(() => matches(pattern, `${"a".repeat(2000)}b`)).toThrow(TemplateError);
  });
});

describe("mistakes", () => {
  test.for([
    ["[", "unexpected end of input"],
    ["[a", "unexpected end of input"],
    ["[c-a]", "hi character 'a' should be greater than lo 'c'"],
    ["[a-bc]", "expected close range character"],
  ] as const)("%s", ([pattern, message]) => {
    expect(() => matches(pattern, "")).toThrow(message);
  });
});
