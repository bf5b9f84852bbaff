import { describe, expect, test } from "vitest";
import {
  formatSelector,
  isEmptySelector,
  matchesSelector,
  parseLabelSelector,
  selectorFromObject,
  type LabelSelector,
  type Selector,
} from "@package-operator/schema";
import { outcome, readVectors } from "./read-vectors.ts";

interface Vector {
  id: string;
  labels?: Record<string, string>;
  canonical?: string;
  matches?: boolean;
  empty?: boolean;
  error?: string;
}

function check(vector: Vector, parse: () => Selector): void {
  const { value, error } = outcome(parse);
  expect(error).toBe(vector.error);
  if (value === undefined) return;
  expect(formatSelector(value)).toBe(vector.canonical);
  expect(matchesSelector(value, vector.labels)).toBe(vector.matches);
  expect(isEmptySelector(value)).toBe(vector.empty);
}

describe("text", () => {
  test.each(readVectors<Vector & { selector: string }>("label_selector"))("$id", (vector) => {
    check(vector, () => parseLabelSelector(vector.selector));
  });
});

describe("object", () => {
  test.each(readVectors<Vector & { selector: LabelSelector | null }>("label_selector_object"))(
    "$id",
    (vector) => {
      check(vector, () => selectorFromObject(vector.selector));
    },
  );
});
