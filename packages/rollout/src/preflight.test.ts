import type { KubeObject } from "@package-operator/kube";
import { describe, expect, test } from "vitest";
import { annotationOwnership, nativeOwnership } from "./owner.ts";
import { checkManifest } from "./preflight.ts";
import { formatPhaseViolations, formatViolations } from "./violation.ts";

const namespaced = { namespaced: true };
const clusterScoped = { namespaced: false };

function manifest(metadata: KubeObject["metadata"] = {}): KubeObject {
  return { apiVersion: "example.com/v1", kind: "Thing", metadata: { name: "a", ...metadata } };
}

describe("in a namespaced set", () => {
  const revision = { namespace: "mine", ownership: nativeOwnership };

  test.each<[string, KubeObject, { namespaced: boolean } | undefined, string[]]>([
    ["an object without namespace", manifest(), namespaced, []],
    ["an object in the set's namespace", manifest({ namespace: "mine" }), namespaced, []],
    [
      "an object elsewhere",
      manifest({ namespace: "other" }),
      namespaced,
      ["Must stay within the same namespace."],
    ],
    [
      "a cluster-scoped object",
      manifest(),
      clusterScoped,
      ["Must be namespaced scoped when part of an non-cluster-scoped API."],
    ],
    [
      "a cluster-scoped object that claims the namespace",
      manifest({ namespace: "mine" }),
      clusterScoped,
      ["Must be namespaced scoped when part of an non-cluster-scoped API."],
    ],
    [
      "a kind nobody serves",
      manifest({ namespace: "other" }),
      undefined,
      ["example.com/v1, Kind=Thing not registered on the api server."],
    ],
    [
      "an object with an owner in the wrong place",
      manifest({
        namespace: "other",
        ownerReferences: [{ apiVersion: "v1", kind: "X", name: "x", uid: "u" }],
      }),
      namespaced,
      ["Object must not have a owner reference.", "Must stay within the same namespace."],
    ],
    ["an object with a uid", manifest({ uid: "u" }), namespaced, ["metadata.uid: Forbidden: must be empty"]],
  ])("%s", (_name, object, resource, messages) => {
    expect(checkManifest(object, resource, revision)).toEqual(messages);
  });
});

test("a cluster-scoped set needs a namespace for namespaced kinds", () => {
  const revision = { namespace: "", ownership: nativeOwnership };
  expect(checkManifest(manifest(), namespaced, revision)).toEqual([
    "Object doesn't have a namespace and no default is provided.",
  ]);
  expect(checkManifest(manifest({ namespace: "any" }), namespaced, revision)).toEqual([]);
  expect(checkManifest(manifest(), clusterScoped, revision)).toEqual([]);
});

test("objects of another cluster may be anywhere", () => {
  const revision = { namespace: "mine", ownership: annotationOwnership };
  expect(checkManifest(manifest({ namespace: "other" }), namespaced, revision)).toEqual([]);
  expect(checkManifest(manifest(), clusterScoped, revision)).toEqual([]);
});

test("violations read as conditions show them", () => {
  const [a, b] = [manifest({ namespace: "ns" }), manifest()];
  const violations = [
    { object: a, message: "One." },
    { object: a, message: "Two." },
    { object: b, message: "Three." },
  ];
  expect(formatViolations("deploy", violations)).toBe(
    'Phase "deploy", Thing ns/a: One., Phase "deploy", Thing ns/a: Two., Phase "deploy", Thing /a: Three.',
  );
  expect(formatPhaseViolations("set-deploy", violations)).toBe(
    'phase "set-deploy": example.com/v1, Kind=Thing ns/a: One., Two., example.com/v1, Kind=Thing /a: Three.',
  );
});
