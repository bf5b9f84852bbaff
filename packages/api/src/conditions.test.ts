import { describe, expect, test } from "vitest";
import {
  findCondition,
  inheritedConditions,
  isConditionTrue,
  isValidReason,
  maxMessageLength,
  mergeMappedConditions,
  removeCondition,
  setCondition,
} from "./conditions.ts";
import type { Condition } from "./types.generated.ts";

const then = "2026-01-01T00:00:00Z";
const now = new Date("2026-02-03T04:05:06.789Z");

function condition(type: string, status: Condition["status"], more: Partial<Condition> = {}): Condition {
  return { type, status, reason: "R", message: "", lastTransitionTime: then, ...more };
}

describe("setting", () => {
  test("appends what is new, with the time in whole seconds", () => {
    const list = setCondition(undefined, { type: "A", status: "True", reason: "R", message: "m" }, now);
    expect(list).toEqual([
      { type: "A", status: "True", reason: "R", message: "m", lastTransitionTime: "2026-02-03T04:05:06Z" },
    ]);
  });

  test("keeps place and transition time while the status stays", () => {
    const list = [condition("A", "True"), condition("B", "True")];
    const next = setCondition(list, { type: "A", status: "True", reason: "New", message: "m" }, now);
    expect(next.map(({ type }) => type)).toEqual(["A", "B"]);
    expect(next[0]).toMatchObject({ reason: "New", message: "m", lastTransitionTime: then });
    expect(list[0]?.reason).toBe("R");
  });

  test("takes the time when the status changes, and drops what is no longer given", () => {
    const list = [condition("A", "True", { observedGeneration: 3 })];
    const [next] = setCondition(list, { type: "A", status: "False", reason: "R", message: "" }, now);
    expect(next).toEqual(condition("A", "False", { lastTransitionTime: "2026-02-03T04:05:06Z" }));
  });

  test("cuts messages by characters", () => {
    const long = "😀".repeat(maxMessageLength + 1);
    const [next] = setCondition([], { type: "A", status: "True", reason: "R", message: long }, now);
    expect(Array.from(next?.message ?? "")).toHaveLength(maxMessageLength);
  });
});

test("finding and removing", () => {
  const list = [condition("A", "True"), condition("B", "False")];
  expect(findCondition(list, "B")).toBe(list[1]);
  expect(findCondition(undefined, "B")).toBeUndefined();
  expect(isConditionTrue(list, "A")).toBe(true);
  expect(isConditionTrue(list, "B")).toBe(false);
  expect(removeCondition(list, "A")).toEqual([list[1]]);
  expect(removeCondition(undefined, "A")).toEqual([]);
});

describe("mapped conditions", () => {
  test("merging removes, keeps and adds, and leaves all others alone", () => {
    const list = [
      condition("my/Gone", "True"),
      condition("Available", "True"),
      condition("my/Same", "True"),
      condition("my/Flipped", "True"),
    ];
    const mapped = ["my/New", "my/Flipped", "my/Same"].map((type) => ({
      type,
      status: type === "my/Flipped" ? ("False" as const) : ("True" as const),
      reason: "R",
      message: "",
    }));
    expect(
      mergeMappedConditions(list, mapped, now).map(({ type, lastTransitionTime }) => [
        type,
        lastTransitionTime === then,
      ]),
    ).toEqual([
      ["Available", true],
      ["my/Same", true],
      ["my/Flipped", false],
      ["my/New", false],
    ]);
  });

  test("only those of the present generation go up, with the parent's generation", () => {
    const conditions = [
      condition("my/Now", "True", { observedGeneration: 2, message: "m" }),
      condition("my/Old", "True", { observedGeneration: 1 }),
      condition("Available", "True", { observedGeneration: 2 }),
    ];
    expect(inheritedConditions({ generation: 2, conditions }, 7)).toEqual([
      { type: "my/Now", status: "True", reason: "R", message: "m", observedGeneration: 7 },
    ]);
    expect(inheritedConditions({ generation: 2 }, 7)).toEqual([]);
  });
});

test.each([
  ["A", true],
  ["Some_Reason:x,y_1", true],
  ["", false],
  ["1A", false],
  ["Ends:", false],
  ["with space", false],
  ["A".repeat(1025), false],
])("reason %j", (reason, valid) => {
  expect(isValidReason(reason)).toBe(valid);
});
