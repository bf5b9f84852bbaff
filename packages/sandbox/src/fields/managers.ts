import { getObjects, getString, getValue, isObject, type JsonObject, type JsonValue } from "../json.ts";
import { decodeFieldSet, encodeFieldSet, type FieldSet } from "./field-set.ts";

/** Who owns fields: one entry of `metadata.managedFields`. */
export interface Manager {
  readonly name: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  readonly fields: FieldSet;
  /** RFC 3339 time of the last change; absent when it never changed anything. */
  readonly time?: string;
}

/** The managers of one object by {@link managerId}. */
export type Managers = ReadonlyMap<string, Manager>;

/** What tells managers apart: an applier is the same in every version, an updater is not. */
export function managerId(manager: Omit<Manager, "fields" | "time">): string {
  const version = manager.operation === "Apply" ? "" : manager.apiVersion;
  return JSON.stringify([manager.name, manager.operation, version, manager.subresource]);
}

/** Reads `managedFields`; undefined when an entry is malformed. */
export function decodeManagers(encoded: JsonValue | undefined): Managers | undefined {
  const managers = new Map<string, Manager>();
  for (const entry of getObjects(encoded)) {
    const operation = getString(entry, "operation");
    const apiVersion = getString(entry, "apiVersion");
    if ((operation !== "Apply" && operation !== "Update") || apiVersion === "") return undefined;
    if (getString(entry, "fieldsType") !== "FieldsV1") return undefined;
    const encodedFields = getValue(entry, "fieldsV1") ?? {};
    const fields = isObject(encodedFields) ? decodeFieldSet(encodedFields) : undefined;
    if (fields === undefined) return undefined;
    const time = getString(entry, "time");
    const manager: Manager = {
      name: getString(entry, "manager"),
      operation,
      apiVersion,
      subresource: getString(entry, "subresource"),
      fields,
      ...(time === "" ? {} : { time }),
    };
    managers.set(managerId(manager), manager);
  }
  return managers;
}

/** Writes `managedFields` in the API server's order: appliers, then updaters, each by time, name, version. */
export function encodeManagers(managers: Managers): JsonObject[] {
  const byOrder = (a: Manager, b: Manager): number =>
    compareText(a.operation, b.operation) ||
    Date.parse(a.time ?? "1970-01-01T00:00:00Z") - Date.parse(b.time ?? "1970-01-01T00:00:00Z") ||
    compareText(a.name, b.name) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource);
  return [...managers.values()].toSorted(byOrder).map(encodeManager);
}

function encodeManager(manager: Manager): JsonObject {
  return {
    ...(manager.name === "" ? {} : { manager: manager.name }),
    operation: manager.operation,
    apiVersion: manager.apiVersion,
    ...(manager.time === undefined ? {} : { time: manager.time }),
    fieldsType: "FieldsV1",
    fieldsV1: encodeFieldSet(manager.fields),
    ...(manager.subresource === "" ? {} : { subresource: manager.subresource }),
  };
}

/** A manager as conflict messages show it. */
export function describeManager(manager: Manager): string {
  const name = JSON.stringify(manager.name);
  const subresource =
    manager.subresource === "" ? "" : ` with subresource ${JSON.stringify(manager.subresource)}`;
  const version = manager.operation === "Update" ? ` using ${manager.apiVersion}` : "";
  return `${name}${subresource}${version}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
