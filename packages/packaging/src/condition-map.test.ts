import { expect, test } from "vitest";
import { parseConditionMap } from "./condition-map.ts";

test("a line per mapping, split at the first arrow", () => {
  expect(parseConditionMap("\n Available => x.com/Ready\nA=>B => C \n")).toEqual([
    { sourceType: "Available", destinationType: "x.com/Ready" },
    { sourceType: "A", destinationType: "B => C" },
  ]);
});

test.each([
  ["", "expected 2 part mapping got 1 in line 1"],
  ["A => B\n\nC => D", "expected 2 part mapping got 1 in line 2"],
  ["=> B", "sourceType can't be empty in line 1"],
  ["A =>", "destinationType can't be empty in line 1"],
])("%j is refused", (value, problem) => {
  expect(parseConditionMap(value)).toBe(problem);
});
