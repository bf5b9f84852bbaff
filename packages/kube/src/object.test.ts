import { expect, test } from "vitest";
import {
  formatApiVersion,
  formatKey,
  formatKind,
  keyOf,
  parseApiVersion,
  parseKey,
  refOf,
} from "./object.ts";

test.each([
  ["v1", { group: "", version: "v1" }],
  ["apps/v1", { group: "apps", version: "v1" }],
])("%s splits and joins", (text, parts) => {
  expect(parseApiVersion(text)).toEqual(parts);
  expect(formatApiVersion(parts.group, parts.version)).toBe(text);
});

test("kinds are written as Go does", () => {
  expect(formatKind({ apiVersion: "v1", kind: "ConfigMap" })).toBe("/v1, Kind=ConfigMap");
  expect(formatKind({ apiVersion: "apps/v1", kind: "Deployment" })).toBe("apps/v1, Kind=Deployment");
});

test.each([[{ name: "n" }], [{ namespace: "ns", name: "n" }]])("a key survives its text", (key) => {
  expect(parseKey(formatKey(key))).toEqual(key);
});

test("an object gives its key and reference", () => {
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "ns", name: "n" } };
  expect(keyOf(object)).toBe("ns/n");
  expect(refOf(object)).toEqual({ apiVersion: "v1", kind: "ConfigMap", namespace: "ns", name: "n" });
});
