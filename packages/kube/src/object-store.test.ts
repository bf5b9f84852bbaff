import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ApiObject } from "./object.ts";
import { createObjectStore } from "./object-store.ts";

interface Colored extends ApiObject {
  colors: string[];
}

const object = fc.record({
  apiVersion: fc.constant("v1"),
  kind: fc.constant("Thing"),
  metadata: fc.record({ namespace: fc.constantFrom("a", "b"), name: fc.constantFrom("x", "y", "z") }),
  colors: fc.uniqueArray(fc.constantFrom("red", "blue")),
});

test("indexes always agree with a scan of the objects", () => {
  const step = fc.oneof(
    object.map((value) => ({ put: value })),
    fc.constantFrom("a/x", "a/y", "b/z").map((key) => ({ remove: key })),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const store = createObjectStore<Colored>({ color: ({ colors }) => colors });
      for (const item of steps) {
        if ("put" in item) store.put(item.put);
        else store.remove(item.remove);
      }
      const all = store.list();
      expect(store.size).toBe(all.length);
      for (const color of ["red", "blue", "green"]) {
        const scan = all.filter(({ colors }) => colors.includes(color));
        expect(new Set(store.byIndex("color", color))).toEqual(new Set(scan));
      }
      const inA = all.filter(({ metadata }) => metadata.namespace === "a");
      expect(new Set(store.list({ namespace: "a" }))).toEqual(new Set(inA));
    }),
  );
});

test("put and remove give back what was there", () => {
  const store = createObjectStore<ApiObject>();
  const first = { apiVersion: "v1", kind: "Node", metadata: { name: "n" } };
  const second = { ...first };
  expect(store.put(first)).toBeUndefined();
  expect(store.put(second)).toBe(first);
  expect(store.get({ name: "n" })).toBe(second);
  expect(store.remove("n")).toBe(second);
  expect(store.remove("n")).toBeUndefined();
});

test("an unknown index is an error", () => {
  expect(() => createObjectStore().byIndex("nope", "x")).toThrow(
    expect.objectContaining({ code: "InvalidRequest" }),
  );
});
