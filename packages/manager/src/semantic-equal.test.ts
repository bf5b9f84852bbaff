import { expect, test } from "vitest";
import { semanticEqual } from "./semantic-equal.ts";

test.each([
  [{ a: [] }, {}],
  [{ a: "" }, { a: null }],
  [{ a: { b: 1n } }, { a: { b: 1 } }],
  [
    [1, { a: undefined }],
    [1, {}],
  ],
])("equal: %#", (a, b) => {
  expect(semanticEqual(a, b)).toBe(true);
  expect(semanticEqual(b, a)).toBe(true);
});

test.each([
  [{ a: 0 }, {}],
  [{ a: false }, {}],
  [{ a: [1, 2] }, { a: [2, 1] }],
  [{ a: { b: {}, c: 1 } }, { a: {} }],
  [[{}], []],
  [1, "1"],
])("different: %#", (a, b) => {
  expect(semanticEqual(a, b)).toBe(false);
  expect(semanticEqual(b, a)).toBe(false);
});
