import type { KubeObject } from "@package-operator/kube";
import { expect, test } from "vitest";
import { controlPlaneNamespace } from "../hosted-cluster/hosted-clusters.ts";
import { hostedClusterFacts, openShiftVersion, proxyOf } from "./environment.ts";

function object(fields: Record<string, unknown>, metadata: KubeObject["metadata"] = {}): KubeObject {
  return { apiVersion: "v1", kind: "X", metadata, ...fields };
}

test("the OpenShift version is that of the latest completed update", () => {
  const history = [
    { state: "Partial", version: "4.14.0" },
    { state: "Completed", version: "4.13.2" },
    { state: "Completed", version: "4.13.1" },
  ];
  expect(openShiftVersion(object({ status: { history } }))).toBe("4.13.2");
  expect(openShiftVersion(object({ status: { history: history.slice(0, 1) } }))).toBe("");
  expect(openShiftVersion(object({}))).toBe("");
});

test("only proxies that are set are there", () => {
  expect(proxyOf(object({ status: { httpProxy: "http://p", httpsProxy: "", noProxy: "x" } }))).toEqual({
    httpProxy: "http://p",
    noProxy: "x",
  });
  expect(proxyOf(object({ status: { httpProxy: "" } }))).toBeUndefined();
  expect(proxyOf(object({ spec: { httpProxy: "http://p" } }))).toBeUndefined();
});

test("a hosted cluster gives its names and, if it has one, its node selector", () => {
  const hosted = object(
    { spec: { nodeSelector: { a: "b" } } },
    { name: "my.cluster", namespace: "clusters", labels: { x: "y" } },
  );
  expect(controlPlaneNamespace(hosted)).toBe("clusters-my-cluster");
  expect(hostedClusterFacts(hosted)).toEqual({
    metadata: { name: "my.cluster", namespace: "clusters", labels: { x: "y" }, annotations: null },
    hostedClusterNamespace: "clusters-my-cluster",
    nodeSelector: { a: "b" },
  });
  expect(hostedClusterFacts(object({ spec: { nodeSelector: {} } }))).not.toHaveProperty("nodeSelector");
});
