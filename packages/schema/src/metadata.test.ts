import { expect, test } from "vitest";
import { coerceObjectMeta } from "./embedded-resource.ts";
import { formatFieldError } from "./field-error.ts";
import type { JsonObject } from "./json-value.ts";
import { totalAnnotationSizeLimit, validateAnnotations, validateObjectMeta } from "./metadata.ts";
import { isDns1123Subdomain } from "./names.ts";

function check(metadata: JsonObject, namespaced = true): string[] {
  const options = { namespaced, validateName: isDns1123Subdomain };
  return validateObjectMeta(metadata, "metadata", options).map(formatFieldError);
}

test("good metadata has no findings", () => {
  const owner = { apiVersion: "v1", kind: "ConfigMap", name: "o", uid: "1", controller: true };
  expect(
    check({ name: "a.b", namespace: "ns", finalizers: ["x.example/y"], ownerReferences: [owner] }),
  ).toEqual([]);
  expect(check({ name: "a", generateName: "a-" }, false)).toEqual([]);
});

test.each<[JsonObject, boolean, string]>([
  [{ namespace: "ns" }, true, "metadata.name: Required value: name or generateName is required"],
  [{ name: "a" }, true, "metadata.namespace: Required value"],
  [{ name: "a", namespace: "ns" }, false, "metadata.namespace: Forbidden: not allowed on this type"],
])("%j, namespaced %s: %s", (metadata, namespaced, text) => {
  expect(check(metadata, namespaced)).toEqual([text]);
});

test.each<[string, JsonObject]>([
  ["metadata.name", { name: "A_b" }],
  ["metadata.generateName", { name: "a", generateName: "A_b-" }],
  ["metadata.labels", { name: "a", labels: { "a b": "x" } }],
  ["metadata.annotations", { name: "a", annotations: { "a b": "x" } }],
  ["metadata.finalizers", { name: "a", finalizers: ["a b"] }],
  [
    "metadata.ownerReferences.uid",
    { name: "a", ownerReferences: [{ apiVersion: "v1", kind: "X", name: "o", uid: "" }] },
  ],
])("%s is checked", (path, metadata) => {
  const findings = check(metadata, false);
  expect(findings).toHaveLength(1);
  expect(findings[0]).toContain(`${path}: Invalid value: `);
});

test("only one owner controls an object", () => {
  const owner = (name: string): JsonObject => ({
    apiVersion: "v1",
    kind: "X",
    name,
    uid: name,
    controller: true,
  });
  expect(check({ name: "a", ownerReferences: [owner("p"), owner("q")] }, false)[0]).toContain(
    'Only one reference can have Controller set to true. Found "true" in references for p and q',
  );
});

test("annotations have a limit for all of them together", () => {
  const [error] = validateAnnotations({ a: "x".repeat(totalAnnotationSizeLimit) }, "metadata.annotations");
  expect(error).toMatchObject({ type: "FieldValueTooLong", path: "metadata.annotations" });
});

test("metadata is brought into its form, and wrong types are told", () => {
  const metadata: JsonObject = {
    name: "a",
    unknown: 1,
    creationTimestamp: null,
    ownerReferences: [{ name: true, x: 1 }],
  };
  expect(coerceObjectMeta(metadata, "metadata").map(formatFieldError)).toEqual([
    'metadata.ownerReferences[0].name: Invalid value: "boolean": ownerReferences[0].name in body must be of type string: "boolean"',
  ]);
  expect(metadata).toEqual({ name: "a", ownerReferences: [{ name: true }] });
});
