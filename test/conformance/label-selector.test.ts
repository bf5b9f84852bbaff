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
}

interface Outcome {
  canonical?: string;
  matches?: boolean;
  empty?: boolean;
  error?: string;
}

function evaluate(labels: Record<string, string> | undefined, parse: () => Selector): Outcome {
  const { value, error } = outcome(parse);
  if (value === undefined) return { error: error! };
  return {
    canonical: formatSelector(value),
    matches: matchesSelector(value, labels),
    empty: isEmptySelector(value),
  };
}

describe("text", () => {
  test.each(readVectors<Vector & { selector: string }>("label_selector"))(
    "$id",
    ({ id: _id, selector, labels, ...expected }) => {
      expect(evaluate(labels, () => parseLabelSelector(selector))).toEqual(expected);
    },
  );
});

describe("object", () => {
  test.each(readVectors<Vector & { selector: LabelSelector | null }>("label_selector_object"))(
    "$id",
    ({ id: _id, selector, labels, ...expected }) => {
      expect(evaluate(labels, () => selectorFromObject(selector))).toEqual(expected);
    },
  );
});
