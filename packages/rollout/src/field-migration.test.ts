import type { KubeObject, ManagedFieldsEntry } from "@package-operator/kube";
import { expect, test } from "vitest";
import { migrateFieldManagers } from "./field-migration.ts";

const manager = "package-operator";

function objectWith(...managedFields: ManagedFieldsEntry[]): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", resourceVersion: "7", managedFields },
  };
}

function entry(name: string, operation: string, field: string): ManagedFieldsEntry {
  return { manager: name, operation, apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1: { [field]: {} } };
}

test("leaves objects alone that no former manager updated", () => {
  expect(migrateFieldManagers(objectWith(entry("kubectl", "Update", "f:data")), manager)).toBeUndefined();
  expect(migrateFieldManagers(objectWith(entry(manager, "Apply", "f:data")), manager)).toBeUndefined();
});

test("turns the update of a former manager into an apply", () => {
  const live = objectWith(
    entry("kubectl", "Update", "f:x"),
    entry("package-operator-manager", "Update", "f:a"),
  );
  expect(migrateFieldManagers(live, manager)).toEqual([
    {
      op: "replace",
      path: "/metadata/managedFields",
      value: [entry("kubectl", "Update", "f:x"), entry(manager, "Apply", "f:a")],
    },
    { op: "replace", path: "/metadata/resourceVersion", value: "7" },
  ]);
});

test("joins all former managers with what is applied already", () => {
  const live = objectWith(
    entry(manager, "Apply", "f:a"),
    entry("package-operator", "Update", "f:b"),
    entry("remote-phase-manger", "Update", "f:c"),
  );
  const [first] = migrateFieldManagers(live, manager) ?? [];
  expect(first).toMatchObject({
    value: [{ ...entry(manager, "Apply", "f:a"), fieldsV1: { "f:a": {}, "f:b": {}, "f:c": {} } }],
  });
});

test("does not touch fields written in another version or to a subresource", () => {
  const live = objectWith(
    entry(manager, "Apply", "f:a"),
    { ...entry("package-operator", "Update", "f:b"), apiVersion: "v1beta1" },
    { ...entry("package-operator", "Update", "f:c"), subresource: "status" },
  );
  expect(migrateFieldManagers(live, manager)).toBeUndefined();
});
