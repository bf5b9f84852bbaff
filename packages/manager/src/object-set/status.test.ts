import { describe, expect, test } from "vitest";
import { editConditions } from "../conditions.ts";
import type { ObjectSetPhase } from "../resources.ts";
import { condition, objectSet } from "../testing/objects.ts";
import { desiredPhase, outcomeOfPhase } from "./remote-phase.ts";
import { controlledObject, isInTransition, judgePause, reportRollout, reportSuccess } from "./status.ts";

const configMap = (name: string, namespace = "ns") => ({ group: "", kind: "ConfigMap", namespace, name });
const phases = [
  {
    name: "a",
    class: "",
    objects: ["one", "two"].map((name) => ({
      object: { apiVersion: "v1", kind: "ConfigMap", metadata: { name } },
    })),
  },
];

describe("a set", () => {
  test("is in transition while it does not control everything", () => {
    expect(isInTransition(phases, [configMap("one"), configMap("two")], "ns")).toBe(false);
    expect(isInTransition(phases, [configMap("one")], "ns")).toBe(true);
    expect(isInTransition(phases, [configMap("one"), configMap("two", "")], "ns")).toBe(false);
    expect(isInTransition(phases, [configMap("one"), configMap("two", "other")], "ns")).toBe(true);
  });

  test("names what it controls without version", () => {
    expect(controlledObject(configMap("one"))).toEqual({
      kind: "ConfigMap",
      group: "",
      name: "one",
      namespace: "ns",
      version: "",
    });
    expect(controlledObject(configMap("one", ""))).not.toHaveProperty("namespace");
  });

  test("shows which phase fails", () => {
    const edit = editConditions(objectSet(1), 0);
    const failure = { phase: "a", failures: ["one", "two"] };
    reportRollout(edit, { controlled: [], mapped: [], finished: false, failure }, { inTransition: true });
    expect(edit.list()).toMatchObject([
      { type: "InTransition", status: "True", reason: "InTransition" },
      { type: "Available", status: "False", reason: "ProbeFailure", message: 'Phase "a" failed: one, two' },
    ]);
  });

  test("succeeds when it was available for its delay, and says when that will be", () => {
    const since = (time: string) => ({
      conditions: [condition("Available", "True", { lastTransitionTime: time })],
    });
    const set = objectSet(1, { spec: { successDelaySeconds: 4 }, status: since("2024-01-01T00:00:00Z") });
    const start = Date.UTC(2024, 0, 1);
    const early = editConditions(set, start);
    expect(reportSuccess(early, set, { inTransition: false, now: start + 2000 })).toBe(3000);
    expect(early.list().some(({ type }) => type === "Succeeded")).toBe(false);
    const late = editConditions(set, start);
    expect(reportSuccess(late, set, { inTransition: false, now: start + 5000 })).toBeUndefined();
    expect(late.list()).toMatchObject([
      { type: "Available" },
      { type: "Succeeded", reason: "RolloutSuccess" },
    ]);
    const moving = editConditions(set, start);
    expect(reportSuccess(moving, set, { inTransition: true, now: start + 5000 })).toBeUndefined();
    expect(moving.list()).toHaveLength(1);
  });
});

describe("the pause of a set", () => {
  const paused = objectSet(1, { spec: { lifecycleState: "Paused" } });
  const phase = (status: "True" | "False"): ObjectSetPhase => ({
    apiVersion: "package-operator.run/v1alpha1",
    kind: "ObjectSetPhase",
    metadata: { name: "p", generation: 1 },
    spec: { revision: 1, objects: [] },
    status: { conditions: [condition("Paused", status)] },
  });

  test.each([
    ["paused without phases", paused, [], "True"],
    ["paused with its phases", paused, [phase("True")], "True"],
    ["paused before its phases", paused, [phase("True"), phase("False")], "Unknown"],
    ["paused and missing a phase", paused, [undefined], "Unknown"],
    ["resumed before its phases", objectSet(1), [phase("True")], "Unknown"],
    ["running", objectSet(1), [phase("False")], undefined],
  ])("when it is %s", (_when, set, remote, status) => {
    expect(judgePause(set, remote)?.status).toBe(status);
  });
});

describe("a phase with a class", () => {
  test("carries what its manager needs", () => {
    const set = objectSet(3, { spec: { previous: [{ name: "set-2" }], lifecycleState: "Paused" } });
    const object = desiredPhase(
      set,
      { ...phases[0]!, class: "far" },
      { apiVersion: "v", kind: "ObjectSetPhase" },
    );
    expect(object).toMatchObject({
      metadata: { name: "set-3-a", namespace: "ns", labels: { "package-operator.run/phase-class": "far" } },
      spec: { revision: 3, previous: [{ name: "set-2" }], paused: true, objects: [{}, {}] },
    });
  });

  test("counts only what it says of its present generation", () => {
    const phase = (observedGeneration: number, status: "True" | "False"): ObjectSetPhase => ({
      apiVersion: "package-operator.run/v1alpha1",
      kind: "ObjectSetPhase",
      metadata: { name: "p", generation: 2 },
      spec: { revision: 1, objects: [] },
      status: { conditions: [condition("Available", status, { observedGeneration, message: "why" })] },
    });
    expect(outcomeOfPhase("a", phase(1, "True")).failures).toEqual(["no status reported"]);
    expect(outcomeOfPhase("a", phase(2, "False")).failures).toEqual(["why"]);
    expect(outcomeOfPhase("a", phase(2, "True")).failures).toEqual([]);
  });
});
