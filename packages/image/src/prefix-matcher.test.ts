import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPrefixMatcher } from "./prefix-matcher.ts";
import type { PrefixRule } from "./prefix-overrides.ts";
import { buildTrie, findLongest } from "./prefix-trie.ts";

const digest = `sha256:${"0".repeat(64)}`;

test.each([
  ["quay.io/a/b:v1", "quay.io/a/=m.io/", "m.io/b:v1"],
  [`quay.io/a/b:v1@${digest}`, "quay.io/a/=m.io/", `m.io/b:v1@${digest}`],
  ["quay.io:443/a/b:v1", "quay.io/=m.io/", "quay.io:443/a/b:v1"],
  ["quay.io/package-operator-fork/x:v1", "quay.io/package-operator=m.io/pko", "m.io/pko-fork/x:v1"],
  ["nginx:1.25", "docker.io/library/=m.io/", "nginx:1.25"],
  ["docker.io/library/nginx:1", "index.docker.io/=m.io/", "docker.io/library/nginx:1"],
  ["quay.io/mirror/a:v1", "quay.io/=quay.io/mirror/", "quay.io/mirror/mirror/a:v1"],
])("%s with %s", (reference, rule, result) => {
  const [from = "", to = ""] = rule.split("=");
  expect(createPrefixMatcher([{ from, to }]).replace(reference)).toBe(result);
});

test("the longest prefix wins, wherever it stands", () => {
  const rules = [
    { from: "quay.io/original/", to: "quay.io/mirror/" },
    { from: "quay.io/original/foo", to: "quay.io/mirror/bar" },
    { from: "quay.io/original/f", to: "quay.io/mirror/baz" },
  ];
  const matcher = createPrefixMatcher(rules);
  expect(matcher.replace("quay.io/original/foo:tag")).toBe("quay.io/mirror/bar:tag");
  expect(matcher.match("quay.io/original/foo:tag")).toEqual({ rule: rules[1], index: 1 });
  expect(matcher.match("quay.io/other:tag")).toBeUndefined();
});

describe("strict boundaries", () => {
  const rules = [
    { from: "quay.io", to: "m.io" },
    { from: "quay.io/foo", to: "m.io/bar" },
  ];
  const matcher = createPrefixMatcher(rules, { boundaries: "strict" });
  test.each([
    ["quay.io/foo:v1", "m.io/bar:v1"],
    ["quay.io/foo/x:v1", "m.io/bar/x:v1"],
    [`quay.io/foo@${digest}`, `m.io/bar@${digest}`],
    ["quay.io/foo", "m.io/bar"],
    ["quay.io/foobar:v1", "m.io/foobar:v1"],
    ["quay.io.evil/x", "quay.io.evil/x"],
    ["quay.io:8443/x", "quay.io:8443/x"],
  ])("%s", (reference, result) => {
    expect(matcher.replace(reference)).toBe(result);
  });
});

/** Letters from a small alphabet, so that prefixes really meet references. */
const word = fc.string({ unit: fc.constantFrom("a", "b", "/", ":"), maxLength: 8 });

test("agrees with trying every rule in turn", () => {
  const ruleArbitrary = fc.record({ from: word, to: word });
  fc.assert(
    fc.property(fc.array(ruleArbitrary, { maxLength: 30 }), word, (rules, reference) => {
      let best: PrefixRule | undefined;
      for (const rule of rules) {
        const longer = rule.from.length > (best?.from.length ?? 0);
        if (longer && reference.startsWith(rule.from)) best = rule;
      }
      const matcher = createPrefixMatcher(rules);
      expect(matcher.match(reference)?.rule).toBe(best);
      const expected = best === undefined ? reference : best.to + reference.slice(best.from.length);
      expect(matcher.replace(reference)).toBe(expected);
    }),
  );
});

test("looks at each character of the reference at most once, however many rules there are", () => {
  const reference = "quay.io/org-007/app:v1";
  const visited = [1, 10, 1000, 10_000].map((count) => {
    const prefixes = Array.from({ length: count }, (_, i) => `quay.io/org-${String(i)}`);
    return findLongest(buildTrie(prefixes), reference).visited;
  });
  expect(Math.max(...visited)).toBeLessThanOrEqual(reference.length);
});
