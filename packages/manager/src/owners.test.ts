import type { OwnerReference } from "@package-operator/kube";
import { expect, test } from "vitest";
import { takenOver } from "./owners.ts";
import { objectDeployment, packageResource } from "./testing/objects.ts";

test("a child is taken over from a former owner of the same name, and from nobody else", () => {
  const pkg = packageResource();
  const { name = "", uid = "" } = pkg.metadata;
  const { apiVersion, kind } = pkg;
  const own = { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
  const stranger = { apiVersion: "example.com/v1", kind, name, uid: "stranger" };
  const ownedBy = (...ownerReferences: OwnerReference[]) =>
    takenOver(objectDeployment({ metadata: { name, ownerReferences } }), pkg);
  expect(ownedBy(stranger, { ...own, uid: "gone" })).toEqual([stranger, own]);
  expect(ownedBy(own)).toBeUndefined();
  expect(ownedBy(stranger)).toBeUndefined();
  expect(ownedBy()).toBeUndefined();
});
