import { expect, test } from "vitest";
import { explainOverride } from "./explain.ts";

const prefix = [
  { from: "quay.io/", to: "m.io/" },
  { from: "quay.io/foo", to: "m.io/bar" },
  { from: "quay.io/foo", to: "m.io/late" },
  { from: "gcr.io/", to: "g.io/" },
];

test("names every rule that matches and what became of it", () => {
  expect(explainOverride("quay.io/foobar:v1", { prefix })).toEqual({
    reference: "quay.io/foobar:v1",
    rules: [
      { rule: prefix[1], index: 1, outcome: "applied", boundary: false },
      { rule: prefix[2], index: 2, outcome: "later", boundary: false },
      { rule: prefix[0], index: 0, outcome: "shorter", boundary: true },
    ],
    overridden: "m.io/barbar:v1",
    pull: "m.io/barbar:v1",
  });
});

test("strict boundaries leave out rules that end inside a name", () => {
  const { rules, overridden } = explainOverride("quay.io/foobar:v1", { prefix, boundaries: "strict" });
  expect(rules.map(({ index, outcome }) => [index, outcome])).toEqual([
    [1, "off-boundary"],
    [2, "off-boundary"],
    [0, "applied"],
  ]);
  expect(overridden).toBe("m.io/foobar:v1");
});

test("shows the host rule and the full reference that is pulled", () => {
  const hosts = [{ from: "m.io", to: "localhost:5000" }];
  expect(explainOverride("quay.io/app", { prefix, hosts })).toMatchObject({
    overridden: "m.io/app",
    hostRule: hosts[0],
    pull: "localhost:5000/app:latest",
  });
});

test("a result that cannot be pulled carries the error", () => {
  const explanation = explainOverride("gcr.io/A", { prefix });
  expect(explanation.pull).toBeUndefined();
  expect(explanation.error).toMatchObject({ code: "invalid-reference", input: "g.io/A" });
});
