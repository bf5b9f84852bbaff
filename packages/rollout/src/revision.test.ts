import type { KubeObject } from "@package-operator/kube";
import { describe, expect, test } from "vitest";
import { findDuplicates } from "./duplicates.ts";
import { formatPhaseReport } from "./report.ts";
import type { ObjectResult, PhaseResult } from "./result.ts";
import { isComplete, isInTransition } from "./result.ts";
import { outcomeOf, type PhaseOutcome, reconcileRevision, teardownRevision } from "./revision.ts";

function configMap(name: string): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "ns" } };
}

function result(name: string, changes: Partial<ObjectResult> = {}): ObjectResult {
  return {
    action: "Idle",
    manifest: configMap(name),
    live: configMap(name),
    controlled: true,
    probe: { status: "True", messages: [] },
    mapped: [],
    ...changes,
  };
}

function phase(objects: ObjectResult[], changes: Partial<PhaseResult> = {}): PhaseResult {
  return { name: "deploy", paused: false, objects, violations: [], ...changes };
}

const failing = result("b", { probe: { status: "False", messages: ["one", "two"] } });
const collided = result("c", {
  action: "Collision",
  controlled: false,
  collision: "refusing adoption, object /v1, Kind=ConfigMap ns/c not owned by previous revision",
});

describe("a phase", () => {
  test("reports what it controls and what fails", () => {
    expect(outcomeOf(phase([result("a"), failing]))).toEqual({
      name: "deploy",
      controlled: [
        { group: "", kind: "ConfigMap", namespace: "ns", name: "a" },
        { group: "", kind: "ConfigMap", namespace: "ns", name: "b" },
      ],
      failures: [" ConfigMap ns/b: one, two"],
      mapped: [],
    });
  });

  test("says that an object is missing", () => {
    const missing = result("a", { action: "Missing", live: undefined, controlled: false });
    expect(outcomeOf(phase([missing])).failures).toEqual(["not found"]);
  });

  test("is blocked by collisions and violations", () => {
    expect(outcomeOf(phase([collided])).blocked).toEqual({
      reason: "CollisionDetected",
      message:
        "object ns/c kind:ConfigMap: refusing adoption, object /v1, Kind=ConfigMap ns/c not owned by previous revision",
    });
    const violations = [{ object: configMap("a"), message: "No." }];
    expect(outcomeOf(phase([], { violations })).blocked).toEqual({
      reason: "PreflightError",
      message: 'Phase "deploy", ConfigMap ns/a: No.',
    });
  });

  test("is complete and in transition as its objects are", () => {
    const progressed = result("a", { action: "Progressed", controlled: false });
    expect(isComplete(phase([result("a"), progressed]))).toBe(true);
    expect(isInTransition(phase([result("a"), progressed]))).toBe(true);
    expect(isInTransition(phase([progressed]))).toBe(false);
    expect(isComplete(phase([failing]))).toBe(false);
    expect(isComplete(phase([collided]))).toBe(false);
  });

  test("has a readable report", () => {
    expect(formatPhaseReport(phase([result("a"), failing], { paused: true }))).toBe(
      `Phase "deploy"
Complete: false
In Transition: false
Objects:
- Object ConfigMap.v1 ns/a
  Action (PAUSED): "Idle"
  Probes:
  - Progress: Succeeded
- Object ConfigMap.v1 ns/b
  Action (PAUSED): "Idle"
  Probes:
  - Progress: Failed
    - one
    - two`,
    );
  });
});

describe("a revision", () => {
  const outcome = (name: string, changes: Partial<PhaseOutcome> = {}): PhaseOutcome => ({
    name,
    controlled: [{ group: "", kind: "ConfigMap", namespace: "ns", name }],
    failures: [],
    mapped: [],
    ...changes,
  });

  test("goes through all phases while they pass", async () => {
    const result = await reconcileRevision(["a", "b"], (name) => Promise.resolve(outcome(name)));
    expect(result).toMatchObject({ finished: true, controlled: [{ name: "a" }, { name: "b" }] });
    expect(result.failure).toBeUndefined();
  });

  test("stops at the first that fails", async () => {
    const seen: string[] = [];
    const result = await reconcileRevision(["a", "b", "c"], (name) => {
      seen.push(name);
      return Promise.resolve(outcome(name, name === "b" ? { failures: ["bad"] } : {}));
    });
    expect(seen).toEqual(["a", "b"]);
    expect(result).toMatchObject({ finished: false, failure: { phase: "b", failures: ["bad"] } });
  });

  test("stops at the first that is blocked", async () => {
    const blocked = { reason: "PreflightError", message: "no" } as const;
    const result = await reconcileRevision(["a"], (name) => Promise.resolve(outcome(name, { blocked })));
    expect(result).toMatchObject({ finished: false, blocked });
  });

  test("is torn down from its end, phase after phase", async () => {
    const seen: string[] = [];
    const teardown = (name: string) => {
      seen.push(name);
      return Promise.resolve(name !== "b");
    };
    expect(await teardownRevision(["a", "b", "c"], teardown)).toBe(false);
    expect(seen).toEqual(["c", "b"]);
  });

  test("must not name an object twice, in whatever version", () => {
    const again = { ...configMap("a"), apiVersion: "v2" };
    expect(
      findDuplicates([
        { name: "one", objects: [{ object: configMap("a") }, { object: configMap("b") }] },
        { name: "two", objects: [{ object: again }, { object: configMap("a") }] },
      ]),
    ).toEqual([
      'Phase "two", ConfigMap ns/a: Duplicate Object',
      'Phase "two", ConfigMap ns/a: Duplicate Object',
    ]);
  });
});
