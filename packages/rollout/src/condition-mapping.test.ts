import type { KubeObject } from "@package-operator/kube";
import { expect, test } from "vitest";
import { mapConditions } from "./condition-mapping.ts";

function live(...conditions: Record<string, string | number>[]): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Thing",
    metadata: { name: "a", generation: 4 },
    status: { conditions },
  };
}

const mappings = [{ sourceType: "Ready", destinationType: "my-prefix/Ready" }];
const ready = { type: "Ready", status: "True", reason: "Works", message: "fine" };

test("a current condition is shown under its destination type", () => {
  const expected = [{ type: "my-prefix/Ready", status: "True", reason: "Works", message: "fine" }];
  expect(mapConditions(live(ready), mappings)).toEqual(expected);
  expect(mapConditions(live({ ...ready, observedGeneration: 0 }), mappings)).toEqual(expected);
  expect(mapConditions(live({ ...ready, observedGeneration: 4 }), mappings)).toEqual(expected);
});

test("outdated, unmapped and incomplete conditions are left out", () => {
  expect(mapConditions(live({ ...ready, observedGeneration: 3 }), mappings)).toEqual([]);
  expect(mapConditions(live({ ...ready, type: "Other" }), mappings)).toEqual([]);
  expect(mapConditions(live({ type: "Ready", status: "True" }), mappings)).toEqual([]);
  expect(mapConditions({ ...live(), status: "text" }, mappings)).toEqual([]);
});
