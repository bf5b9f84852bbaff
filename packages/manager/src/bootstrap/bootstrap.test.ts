import { readFileSync } from "node:fs";
import path from "node:path";
import type { KubeObject } from "@package-operator/kube";
import { decodeYaml } from "@package-operator/kube-yaml";
import { describe, expect, test } from "vitest";
import { objectSet } from "../testing/objects.ts";
import { mergePatch, resolveConfiguration } from "./configuration.ts";
import { upgradeCrd } from "./fix-controller-of-version.ts";
import { numberSets } from "./fix-dropped-revision.ts";
import { withProxy } from "./proxy.ts";

const flags = (selfBootstrapConfig: string, imagePrefixOverrides: string) => ({
  selfBootstrapConfig,
  imagePrefixOverrides,
});

describe("the configuration", () => {
  test.each([
    ["nothing", flags("", ""), undefined, { config: undefined, imagePrefixOverrides: "", source: "none" }],
    [
      "the flag alone",
      flags("", "a/=b/"),
      undefined,
      { config: { imagePrefixOverrides: "a/=b/" }, imagePrefixOverrides: "a/=b/", source: "flag" },
    ],
    [
      "the flag over the configuration",
      flags('{"x":1,"imagePrefixOverrides":"c/=d/"}', "a/=b/"),
      undefined,
      { config: { x: 1, imagePrefixOverrides: "a/=b/" }, imagePrefixOverrides: "a/=b/", source: "flag" },
    ],
    [
      "the configuration's own override",
      flags('{"imagePrefixOverrides":"c/=d/"}', ""),
      { imagePrefixOverrides: "e/=f/" },
      { config: { imagePrefixOverrides: "c/=d/" }, imagePrefixOverrides: "c/=d/", source: "config" },
    ],
    [
      "what is stored",
      flags('{"x":1}', ""),
      { imagePrefixOverrides: "e/=f/" },
      { config: { x: 1 }, imagePrefixOverrides: "e/=f/", source: "stored" },
    ],
    [
      "an explicit end of what is stored",
      flags('{"imagePrefixOverrides":""}', ""),
      { imagePrefixOverrides: "e/=f/" },
      { config: { imagePrefixOverrides: "" }, imagePrefixOverrides: "", source: "config" },
    ],
    ["null", flags("null", ""), undefined, { config: {}, imagePrefixOverrides: "", source: "none" }],
  ])("from %s", (_what, given, stored, expected) => {
    expect(resolveConfiguration(given, stored)).toEqual(expected);
  });

  test.each(["[1]", "{", '"x"'])("is refused when it is %s", (text) => {
    expect(() => resolveConfiguration(flags(text, ""), undefined)).toThrowError(
      /^init: ensureUpdatedPKO: creating new ClusterPackage: unmarshaling package config: /,
    );
  });

  test("is merged as the server does", () => {
    expect(mergePatch({ a: 1, b: { c: 1, d: 2 }, e: [1] }, { a: null, b: { d: 3 }, e: [2] })).toEqual({
      b: { c: 1, d: 3 },
      e: [2],
    });
  });
});

describe("the CRDs of old releases", () => {
  const file = path.resolve(
    import.meta.dirname,
    "../../../../config/crds/objectsets.package-operator.run.CustomResourceDefinition.yaml",
  );
  const present = decodeYaml(readFileSync(file, "utf8")) as unknown as KubeObject;

  test("are left alone when nothing is missing", () => {
    expect(upgradeCrd(present)).toEqual(present);
  });

  test("get what is missing, once", () => {
    const old = structuredClone(present) as unknown as {
      spec: { versions: { schema: { openAPIV3Schema: { properties: Record<string, never> } } }[] };
    };
    const { spec, status } = old.spec.versions[0]!.schema.openAPIV3Schema.properties as unknown as {
      spec: { properties: { revision?: object }; "x-kubernetes-validations"?: object[] };
      status: {
        properties: { controllerOf: { items: { properties: { version?: object }; required: string[] } } };
      };
    };
    delete spec.properties.revision;
    delete spec["x-kubernetes-validations"];
    delete status.properties.controllerOf.items.properties.version;
    status.properties.controllerOf.items.required = ["kind", "group", "name"];
    const upgraded = upgradeCrd(old as unknown as KubeObject);
    expect(upgradeCrd(upgraded)).toEqual(upgraded);
    expect(JSON.stringify(upgraded)).toContain("revision is immutable");
    expect(upgraded).toMatchObject({
      spec: {
        versions: [
          {
            schema: {
              openAPIV3Schema: {
                properties: {
                  spec: { properties: { revision: { type: "integer", format: "int64" } } },
                  status: {
                    properties: {
                      controllerOf: { items: { required: ["kind", "group", "name", "version"] } },
                    },
                  },
                },
              },
            },
          },
        ],
      },
    });
  });
});

describe("sets without a number", () => {
  const named = (name: string, previous: string[] = [], revision = 0) => {
    const set = objectSet(revision, { spec: { previous: previous.map((other) => ({ name: other })) } });
    return { ...set, metadata: { ...set.metadata, name } };
  };

  test("are numbered after their predecessors", () => {
    const sets = [
      named("c", ["b", "gone"]),
      named("a"),
      named("b", ["a"]),
      named("d", ["x"]),
      named("x", [], 7),
    ];
    const numbers = Object.fromEntries(
      [...numberSets(sets)].map(([set, number]) => [set.metadata.name, number]),
    );
    expect(numbers).toEqual({ a: 1, b: 2, c: 3, d: 8 });
  });

  test("that precede themselves are refused", () => {
    expect(() => numberSets([named("a", ["b"]), named("b", ["a"])])).toThrowError(
      expect.objectContaining({ code: "bootstrap" }) as Error,
    );
  });
});

test("the cluster's proxies replace others, and only when they differ", () => {
  const proxy = { httpProxy: "http://p", noProxy: "x" };
  expect(withProxy({ HTTP_PROXY: "other" }, undefined)).toBeUndefined();
  expect(withProxy({ HTTP_PROXY: "http://p", NO_PROXY: "x" }, proxy)).toBeUndefined();
  expect(withProxy({ HTTPS_PROXY: "https://q", A: "b" }, proxy)).toEqual({
    A: "b",
    HTTP_PROXY: "http://p",
    HTTPS_PROXY: "",
    NO_PROXY: "x",
  });
});
