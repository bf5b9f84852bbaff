import { describe, expect, test } from "vitest";
import {
  currentMapped,
  editConditions,
  findCurrentCondition,
  isSameStatus,
  withoutEmpty,
} from "./conditions.ts";
import { condition } from "./testing/objects.ts";

const now = Date.UTC(2024, 5, 1);
const object = (...conditions: ReturnType<typeof condition>[]) => ({
  metadata: { generation: 2 },
  status: { conditions },
});
const value = (type: string, status: "True" | "False") => ({ type, status, reason: "R", message: "m" });

describe("editing conditions", () => {
  test("keeps the transition time while the status stays", () => {
    const edit = editConditions(object(condition("A", "True")), now);
    edit.set(value("A", "True"));
    edit.set(value("B", "False"));
    expect(edit.list()).toEqual([
      { ...value("A", "True"), lastTransitionTime: "2024-01-01T00:00:00Z", observedGeneration: 2 },
      { ...value("B", "False"), lastTransitionTime: "2024-06-01T00:00:00Z", observedGeneration: 2 },
    ]);
  });

  test("removes with put when there is nothing to say", () => {
    const edit = editConditions(object(condition("A", "True")), now);
    edit.put("A", undefined);
    expect(edit.list()).toEqual([]);
  });

  test("drops mapped conditions only when all sources were looked at", () => {
    const before = object(condition("A", "True"), condition("x/Old", "True"), condition("x/Kept", "True"));
    const partial = editConditions(before, now);
    partial.map([value("x/New", "True")], { complete: false });
    expect(partial.list().map(({ type }) => type)).toEqual(["A", "x/Old", "x/Kept", "x/New"]);
    const complete = editConditions(before, now);
    complete.map([value("x/Kept", "True")], { complete: true });
    expect(complete.list().map(({ type }) => type)).toEqual(["A", "x/Kept"]);
    expect(complete.list()[1]?.lastTransitionTime).toBe("2024-01-01T00:00:00Z");
  });
});

test("only conditions of the present generation are current", () => {
  const old = condition("x/A", "True", { observedGeneration: 1 });
  const fresh = condition("x/B", "True", { observedGeneration: 2 });
  expect(findCurrentCondition(object(old, fresh), "x/A")).toBeUndefined();
  expect(currentMapped(object(old, fresh))).toEqual([fresh]);
});

test("statuses are compared and written without empty members", () => {
  expect(isSameStatus({ a: 1, list: [], text: "", zero: 0 }, { a: 1 })).toBe(true);
  expect(isSameStatus({ a: 1 }, { a: 2 })).toBe(false);
  expect(isSameStatus(undefined, {})).toBe(true);
  expect(withoutEmpty({ a: 1, list: [], text: "", zero: 0, none: undefined })).toEqual({ a: 1 });
});
