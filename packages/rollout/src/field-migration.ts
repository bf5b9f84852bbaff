import { legacyFieldManagers } from "@package-operator/api";
import type { JsonPatchOperation, KubeObject, ManagedFieldsEntry } from "@package-operator/kube";
import type { JsonValue } from "@package-operator/schema";
import { findApplyEntry, mergeFields } from "./managed-fields.ts";

/**
 * The patch that hands fields written by plain updates of former managers to `manager`, as if it had applied them, so
 * that leaving a field out of the next apply removes it. Undefined when there is nothing to hand over.
 */
export function migrateFieldManagers(
  live: KubeObject,
  manager: string,
): readonly JsonPatchOperation[] | undefined {
  const entries = live.metadata.managedFields ?? [];
  const current = findApplyEntry(live, manager);
  const first = entries.find(isFormer);
  if (first === undefined) return undefined;
  const target = current ?? { ...first, manager, operation: "Apply" };
  const moved = entries.filter((entry) => isFormer(entry) && entry.apiVersion === target.apiVersion);
  if (moved.length === 0) return undefined;
  const merged: ManagedFieldsEntry = {
    ...target,
    fieldsV1: [target, ...moved].reduce((fields, entry) => mergeFields(fields, entry.fieldsV1 ?? {}), {}),
  };
  const rest = entries.filter((entry) => entry !== current && !moved.includes(entry));
  return [
    { op: "replace", path: "/metadata/managedFields", value: [...rest, merged] as unknown as JsonValue },
    { op: "replace", path: "/metadata/resourceVersion", value: live.metadata.resourceVersion ?? "" },
  ];
}

function isFormer(entry: ManagedFieldsEntry): boolean {
  return (
    entry.operation === "Update" && !entry.subresource && legacyFieldManagers.includes(entry.manager ?? "")
  );
}
