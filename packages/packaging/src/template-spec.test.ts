import { describe, expect, test } from "vitest";
import { renderPackage } from "./render-package.ts";
import { objectSetTemplateSpec, type ObjectSetTemplateSpec } from "./template-spec.ts";
import { configMap, sampleContext, samplePackage } from "./testing/sample-package.ts";

function specOf(files: Record<string, string>, more = ""): ObjectSetTemplateSpec {
  const pkg = samplePackage(files, more);
  return objectSetTemplateSpec(pkg.manifest, renderPackage(pkg, sampleContext()));
}

test("phases come in the manifest's order, without those that are empty", () => {
  expect(specOf({ "a.yaml": configMap("a", "second") }).phases).toEqual([
    {
      name: "second",
      class: "default",
      objects: [
        {
          object: {
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: {
              name: "a",
              labels: { "package-operator.run/package": "app", "package-operator.run/instance": "instance" },
            },
          },
        },
      ],
    },
  ]);
});

test("the package's own annotations become fields, others stay", () => {
  const spec = specOf({
    "a.yaml": configMap("a", "first", [
      "package-operator.run/collision-protection: IfNoController",
      'package-operator.run/condition: "true"',
      "package-operator.run/condition-map: |",
      "  Available => example.com/Ready",
      "  A => B => C",
      "note: kept",
    ]),
  });
  expect(spec.phases[0]?.objects[0]).toMatchObject({
    collisionProtection: "IfNoController",
    conditionMappings: [
      { sourceType: "Available", destinationType: "example.com/Ready" },
      { sourceType: "A", destinationType: "B => C" },
    ],
    object: { metadata: { annotations: { note: "kept" } } },
  });
});

test("probes are copied, with the selector that the API asks for", () => {
  const spec = specOf(
    {},
    "  availabilityProbes: [{probes: [{condition: {type: A, status: 'True'}, more: 1}]}]\n",
  );
  expect(spec).toEqual({
    phases: [],
    availabilityProbes: [{ probes: [{ condition: { type: "A", status: "True" } }], selector: {} }],
  });
});

describe("objects that cannot be deployed", () => {
  test.each([
    ["Missing package-operator.run/phase Annotation in a.yaml idx 0", "kind: X\napiVersion: v1\n"],
    ["GroupVersionKind not set in a.yaml idx 0", configMap("a").replace("apiVersion: v1\n", "")],
    ["Duplicate Object in a.yaml idx 1", `${configMap("a")}---\n${configMap("a").replace("v1", "v2")}`],
    [
      "Invalid package-operator.run/condition-map Annotation in a.yaml idx 0: expected 2 part mapping got 1 in line 1",
      configMap("a", "first", ["package-operator.run/condition-map: nothing"]),
    ],
    [
      'Labels invalid in a.yaml idx 0: metadata.annotations: the value of "note" must be a string',
      configMap("a", "first", ["note: 1"]),
    ],
    [
      "Invalid YAML in a.yaml idx 0: error unmarshaling JSON: while decoding JSON: Object 'Kind' is missing in '{\"a\":1}'\na: 1",
      "a: 1\n",
    ],
  ])("%s", (message, text) => {
    expect(() => specOf({ "a.yaml": text })).toThrow(message);
  });
});
