import fc from "fast-check";
import { expect, test } from "vitest";
import {
  formatSelector,
  matchesSelector,
  selectorFromObject,
  validateLabelSelector,
  type LabelSelector,
} from "./label-selector.ts";
import { parseLabelSelector } from "./selector-text.ts";
import { formatFieldError } from "./field-error.ts";

const key = fc.stringMatching(/^[a-z]([a-z0-9.-]{0,5}[a-z0-9])?$/);
const value = fc.stringMatching(/^([a-z0-9]([a-z0-9_.-]{0,5}[a-z0-9])?)?$/);
const expression = fc.oneof(
  fc.record({
    key,
    operator: fc.constantFrom("In", "NotIn"),
    values: fc.uniqueArray(value, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ key, operator: fc.constantFrom("Exists", "DoesNotExist") }),
);
const selector: fc.Arbitrary<LabelSelector> = fc.record({
  matchLabels: fc.dictionary(key, value, { maxKeys: 3, noNullPrototype: true }),
  matchExpressions: fc.array(expression, { maxLength: 3 }),
});
const labels = fc.dictionary(key, value, { maxKeys: 4, noNullPrototype: true });

test("the text of a selector reads back as the same selector", () => {
  fc.assert(
    fc.property(selector, labels, (object, candidate) => {
      const original = selectorFromObject(object);
      const text = formatSelector(original);
      const reread = parseLabelSelector(text);
      expect(formatSelector(reread)).toBe(text);
      expect(matchesSelector(reread, candidate)).toBe(matchesSelector(original, candidate));
    }),
  );
});

test("text of any kind is read or refused with a code", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[ a-z=!<>(),.0-9/-]{0,20}$/), (text) => {
      try {
        parseLabelSelector(text);
      } catch (error) {
        expect(error).toMatchObject({ code: "invalid-selector" });
      }
    }),
  );
});

test.each([
  ["app in (x,5,,)", "app in (,5,x)"],
  ["app in (x,,,5)", "app in (,5,x)"],
  ["app\0=web\0,x\0", "app=web,x"],
  ["app \0 in (", "app"],
])("%j reads as %s", (text, canonical) => {
  expect(formatSelector(parseLabelSelector(text))).toBe(canonical);
});

test("values are numbered in their order", () => {
  expect(() => parseLabelSelector("app in (x,a,-)")).toThrow(/values\[0\]\[app\]: Invalid value: "-"/);
});

test("null matches nothing, an empty selector everything", () => {
  expect(matchesSelector(selectorFromObject(null), {})).toBe(false);
  expect(matchesSelector(selectorFromObject({}), { a: "b" })).toBe(true);
});

test("a selector inside of an object is checked with paths", () => {
  const bad: LabelSelector = {
    matchLabels: { "a b": "ok" },
    matchExpressions: [
      { key: "a", operator: "In" },
      { key: "a", operator: "Exists", values: ["x"] },
      { key: "a", operator: "Near" },
    ],
  };
  const texts = validateLabelSelector(bad, "spec.selector").map(formatFieldError);
  expect(texts[0]).toMatch(/^spec\.selector\.matchLabels: Invalid value: "a b": /);
  expect(texts.slice(1)).toEqual([
    "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    "spec.selector.matchExpressions[1].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
    'spec.selector.matchExpressions[2].operator: Invalid value: "Near": not a valid selector operator',
  ]);
});
