import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatPrefixOverrides,
  mergePrefixRules,
  parsePrefixOverrides,
  type PrefixRule,
} from "./prefix-overrides.ts";

const ruleArbitrary: fc.Arbitrary<PrefixRule> = fc.record({
  from: fc.stringMatching(/^[a-z0-9./:@-]{1,20}$/),
  to: fc.stringMatching(/^[a-z0-9./:@=-]{0,20}$/),
});

describe("parsing", () => {
  test.each([
    ["", []],
    ["a/=b/", [{ from: "a/", to: "b/" }]],
    ["a=b/=c", [{ from: "a", to: "b/=c" }]],
    [
      " a/ = b/ ,\tc/=d/\n",
      [
        { from: "a/", to: "b/" },
        { from: "c/", to: "d/" },
      ],
    ],
    [
      "a/=b/,a/=c/",
      [
        { from: "a/", to: "b/" },
        { from: "a/", to: "c/" },
      ],
    ],
  ])("%j", (text, rules) => {
    expect(parsePrefixOverrides(text)).toEqual({ rules, dropped: [], warnings: [] });
  });

  test("names every dropped entry and keeps the rest", () => {
    const parsed = parsePrefixOverrides("nonsense,a/=b/,=c/,");
    expect(parsed.rules).toEqual([{ from: "a/", to: "b/" }]);
    expect(parsed.dropped).toEqual([
      { text: "nonsense", position: 1, reason: "no-equals-sign" },
      { text: "=c/", position: 3, reason: "empty-from" },
      { text: "", position: 4, reason: "blank" },
    ]);
    expect(parsed.warnings).toHaveLength(3);
    expect(parsed.warnings[0]).toContain('"nonsense" (entry 1)');
  });

  test("warns when a replacement cannot name a registry", () => {
    const parsed = parsePrefixOverrides("quay.io/=mirror");
    expect(parsed.rules).toEqual([{ from: "quay.io/", to: "mirror" }]);
    expect(parsed.warnings).toHaveLength(1);
  });

  test("literally, white space and empty prefixes stay", () => {
    expect(parsePrefixOverrides(" a=b/\n,=c/,d", { literal: true }).rules).toEqual([
      { from: " a", to: "b/\n" },
      { from: "", to: "c/" },
    ]);
  });

  test("any text is read without failing, literally or not", () => {
    fc.assert(
      fc.property(fc.string(), fc.boolean(), (text, literal) => {
        const { rules, dropped } = parsePrefixOverrides(text, { literal });
        expect(rules.length + dropped.length).toBe(text === "" ? 0 : text.split(",").length);
      }),
    );
  });
});

describe("writing", () => {
  test("what is written is read back unchanged", () => {
    fc.assert(
      fc.property(fc.array(ruleArbitrary), (rules) => {
        expect(parsePrefixOverrides(formatPrefixOverrides(rules)).rules).toEqual(rules);
      }),
    );
  });

  test.each([
    { from: "", to: "a/" },
    { from: "a=b", to: "c/" },
    { from: "a,b", to: "c/" },
    { from: "a", to: "b,c" },
    { from: " a", to: "b" },
  ])("$from=$to is refused", (rule) => {
    expect(() => formatPrefixOverrides([rule])).toThrow(expect.objectContaining({ code: "invalid-rule" }));
  });
});

describe("merging", () => {
  test("adds what is new, once, and reports contradictions", () => {
    const existing = [{ from: "a/", to: "b/" }];
    const added = [
      { from: "a/", to: "b/" },
      { from: "c/", to: "d/" },
      { from: "a/", to: "x/" },
    ];
    expect(mergePrefixRules(existing, added)).toEqual({
      rules: [
        { from: "a/", to: "b/" },
        { from: "c/", to: "d/" },
      ],
      conflicts: [{ existing: { from: "a/", to: "b/" }, added: { from: "a/", to: "x/" } }],
    });
  });

  test("merging twice changes nothing", () => {
    fc.assert(
      fc.property(fc.array(ruleArbitrary), fc.array(ruleArbitrary), (existing, added) => {
        const once = mergePrefixRules(existing, added).rules;
        expect(mergePrefixRules(once, added).rules).toEqual(once);
      }),
    );
  });
});
