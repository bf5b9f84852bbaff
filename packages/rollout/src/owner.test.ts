import type { KubeObject } from "@package-operator/kube";
import { describe, expect, test } from "vitest";
import {
  annotationOwnership,
  controllerOf,
  isController,
  isOwner,
  nativeOwnership,
  type Owner,
  type Ownership,
} from "./owner.ts";

const owner = (name: string, namespace = "default"): Owner => ({
  apiVersion: "package-operator.run/v1alpha1",
  kind: "ObjectSetPhase",
  name,
  namespace,
  uid: `uid-${name}`,
});

const object: KubeObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "cm", namespace: "default" },
};

function afterPatch(live: KubeObject, ownership: Ownership, by: Owner): KubeObject {
  const patch = ownership.removalPatch(live, by) as {
    annotations?: Record<string, string | null>;
    ownerReferences?: [];
  };
  const annotations = { ...live.metadata.annotations };
  for (const [key, value] of Object.entries(patch.annotations ?? {})) {
    if (value === null) delete annotations[key];
    else annotations[key] = value;
  }
  return {
    ...live,
    metadata: {
      ...live.metadata,
      annotations,
      ...(patch.ownerReferences ? { ownerReferences: patch.ownerReferences } : {}),
    },
  };
}

describe.each([
  ["native", nativeOwnership],
  ["annotation", annotationOwnership],
])("%s ownership", (_name, ownership) => {
  test("records one controller and keeps the others as owners", () => {
    const first = ownership.withController(object, owner("a"));
    expect(isController(ownership, first, owner("a"))).toBe(true);
    const second = ownership.withController(object, owner("b"), first);
    expect(controllerOf(ownership, second)).toMatchObject({ name: "b" });
    expect(isOwner(ownership, second, owner("a"))).toBe(true);
    expect(isController(ownership, second, owner("a"))).toBe(false);
  });

  test("does not record an owner twice", () => {
    const once = ownership.withController(object, owner("a"));
    expect(ownership.withController(object, owner("a"), once)).toEqual(once);
  });

  test("removes one owner and leaves the others", () => {
    const both = ownership.withController(object, owner("b"), ownership.withController(object, owner("a")));
    const left = afterPatch(both, ownership, owner("a"));
    expect(ownership.owners(left).map(({ name }) => name)).toEqual(["b"]);
    expect(ownership.owners(afterPatch(left, ownership, owner("b")))).toEqual([]);
  });

  test("compares group, kind, name and uid, not the version", () => {
    const live = ownership.withController(object, owner("a"));
    expect(isOwner(ownership, live, { ...owner("a"), apiVersion: "package-operator.run/v2" })).toBe(true);
    expect(isOwner(ownership, live, { ...owner("a"), apiVersion: "other.run/v1alpha1" })).toBe(false);
    expect(isOwner(ownership, live, { ...owner("a"), uid: "another" })).toBe(false);
  });
});

test("a native owner must be in the namespace of the object, unless it has none", () => {
  expect(() => nativeOwnership.withController(object, owner("a", "other"))).toThrowError(
    expect.objectContaining({ code: "owner" }) as Error,
  );
  expect(isOwner(nativeOwnership, nativeOwnership.withController(object, owner("a", "")), owner("a"))).toBe(
    true,
  );
});

test("the owner annotation has the exact text that other implementations write", () => {
  const live = annotationOwnership.withController(
    object,
    owner("b"),
    annotationOwnership.withController(object, owner("a")),
  );
  expect(live.metadata.annotations?.["package-operator.run/owners"]).toBe(
    '[{"apiVersion":"package-operator.run/v1alpha1","kind":"ObjectSetPhase","name":"a","namespace":"default","uid":"uid-a"},' +
      '{"apiVersion":"package-operator.run/v1alpha1","kind":"ObjectSetPhase","name":"b","namespace":"default","uid":"uid-b","controller":true}]',
  );
});

test.each(["no json", "{}", "1"])(
  "an owner annotation that says %s names a controller nobody knows",
  (text) => {
    const live = {
      ...object,
      metadata: { ...object.metadata, annotations: { "package-operator.run/owners": text } },
    };
    expect(controllerOf(annotationOwnership, live)).toBeDefined();
    expect(isOwner(annotationOwnership, live, owner("a"))).toBe(false);
  },
);
