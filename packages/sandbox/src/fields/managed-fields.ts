import { encodeJson } from "@package-operator/kube-yaml";
import { StatusError } from "../errors.ts";
import {
  copy,
  equalJson,
  getList,
  getObjects,
  getString,
  getStringMap,
  getValue,
  isObject,
  type JsonObject,
  type JsonValue,
  metadataOf,
  nameOf,
  namespaceOf,
  setOwn,
  uidOf,
} from "../json.ts";
import { badRequest } from "../refusals.ts";
import { compare } from "./compare.ts";
import { difference, type FieldSet, hasPath, isEmptySet, pathsOf, setOf, union } from "./field-set.ts";
import { applyObject, type FieldConflict, type Ownership, recordUpdate } from "./field-ownership.ts";
import {
  decodeManagers,
  describeManager,
  encodeManagers,
  type Manager,
  managerId,
  type Managers,
} from "./managers.ts";
import { formatPath } from "./path-element.ts";
import type { TypeSchema } from "./type-schema.ts";
import { formatTypedErrors, typedErrors } from "./typed-errors.ts";
import { toFieldSet } from "./typed-value.ts";

/** Who writes, and through which endpoint. */
export interface Writer extends Ownership {
  readonly manager: string;
  readonly apiVersion: string;
  /** Kind in `apiVersion`, for messages. */
  readonly kind: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** What a new object is compared with: the kind's zero value. */
  readonly empty: JsonObject;
  readonly now: Date;
}

const lastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

/** Updaters kept before the oldest are merged into one. */
const maxUpdaters = 10;

const noManagers: Managers = new Map();

/** Fields nobody owns: identity, and what only the server writes. */
const unownedFields: FieldSet = setOf(
  ["f:apiVersion"],
  ["f:kind"],
  ["f:metadata"],
  ...[
    "name",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "clusterName",
    "generation",
    "managedFields",
    "resourceVersion",
  ].map((name) => ["f:metadata", `f:${name}`]),
);

/**
 * Writes into `object` who owns its fields after a create, update or patch that made it out of `live`
 * (undefined for a create). Malformed entries in the request count as absent.
 */
export function trackUpdate(live: JsonObject | undefined, object: JsonObject, writer: Writer): void {
  const managers = managersBefore(live, object, writer);
  delete metadataOf(object)["managedFields"];
  if (managers.size === 0 && live !== undefined && uidOf(live) !== "") return;
  const after = recordOperation(live ?? writer.empty, object, managers, { ...writer, capped: true });
  putManagers(object, after);
}

/**
 * Merges an applied configuration into `live` (undefined: a new object) and gives the result with its
 * `managedFields`.
 *
 * @throws StatusError for conflicts, and for a configuration that does not fit the schema.
 */
export function trackApply(
  live: JsonObject | undefined,
  applied: JsonObject,
  writer: Writer,
  options: { readonly force: boolean },
): JsonObject {
  if (getString(applied, "apiVersion") !== writer.apiVersion || getString(applied, "kind") !== writer.kind) {
    throw badRequest(
      `invalid object type: ${kindText(getString(applied, "apiVersion"), getString(applied, "kind"))}`,
    );
  }
  if (getValue(applied, "metadata", "managedFields") != null) {
    throw badRequest("metadata.managedFields must be nil");
  }
  const type = typeOf(writer);
  const errors = typedErrors(applied, type);
  if (errors.length > 0) throw untypedPatch(applied, errors);
  const base = withoutManagedFields(live ?? writer.empty);
  let managers = decodeManagers(live && getValue(live, "metadata", "managedFields"));
  if (managers === undefined) throw new StatusError(500, "", "failed to decode managed fields");
  if (managers.size === 0) {
    managers = recordOperation(writer.empty, base, managers, {
      ...writer,
      manager: "before-first-apply",
      capped: false,
    });
  }
  const self: Manager = { ...identity(writer, "Apply"), fields: setOf() };
  let result = applyObject(base, applied, managers, self, { ...writer, force: options.force });
  if ("conflicts" in result && writer.manager === "kubectl" && live !== undefined) {
    const remaining = withoutLastApplied(result.conflicts, base, writer.apiVersion, type);
    if (remaining.length > 0) throw applyConflict(remaining);
    result = applyObject(base, applied, managers, self, { ...writer, force: true });
  }
  if ("conflicts" in result) throw applyConflict(result.conflicts);
  const object = result.changed ? copy(result.object) : copy(base);
  const after = new Map(result.managers);
  stripAndStamp(
    after,
    managerId(self),
    result.changed ? timeText(writer.now) : managers.get(managerId(self))?.time,
  );
  putManagers(object, after);
  if (writer.manager === "kubectl") updateLastApplied(object, applied);
  return object;
}

/** Whether two objects differ in nothing but the times of their managers. */
export function equalButManagerTimes(a: JsonObject, b: JsonObject): boolean {
  return equalJson(withoutTimes(a), withoutTimes(b));
}

function withoutTimes(object: JsonObject): JsonObject {
  const metadata = isObject(object["metadata"]) ? object["metadata"] : {};
  const managedFields = getObjects(metadata, "managedFields").map(({ time: _time, ...entry }) => entry);
  const { resourceVersion: _version, ...rest } = metadata;
  return { ...object, metadata: { ...rest, managedFields } };
}

/** The managers an update starts from: those of the request if it has any, nobody if it clears them, else the live ones. */
function managersBefore(live: JsonObject | undefined, object: JsonObject, writer: Writer): Managers {
  const stored = (): Managers =>
    decodeManagers(live && getValue(live, "metadata", "managedFields")) ?? noManagers;
  if (writer.subresource !== "") return stored();
  const sent = getValue(object, "metadata", "managedFields");
  if (isReset(sent)) return noManagers;
  const managers = decodeManagers(sent);
  return managers === undefined || managers.size === 0 ? stored() : managers;
}

/** An empty list, or a list with one empty entry, asks to forget all owners. */
function isReset(sent: JsonValue | undefined): boolean {
  if (!Array.isArray(sent)) return false;
  const [first] = sent;
  return sent.length === 0 || (sent.length === 1 && isObject(first) && Object.keys(first).length === 0);
}

function recordOperation(
  before: JsonObject,
  object: JsonObject,
  managers: Managers,
  writer: Writer & { readonly capped: boolean },
): Managers {
  // The scale endpoint writes no times, as that of the real server.
  const time = writer.subresource === "scale" ? {} : { time: timeText(writer.now) };
  const self: Manager = { ...identity(writer, "Update"), fields: setOf(), ...time };
  const clean = withoutManagedFields(object);
  const recorded = recordUpdate(withoutManagedFields(before), clean, managers, self, writer);
  const after = new Map(recorded.managers);
  const taken = difference(recorded.taken, unownedFields);
  if (!isEmptySet(taken)) {
    const id = managerId(self);
    const previous = after.get(id);
    after.set(id, { ...self, fields: previous === undefined ? taken : union(taken, previous.fields) });
  }
  return writer.capped ? capUpdaters(after) : after;
}

/** Merges the oldest updaters of a version into one bucket until few enough are left. */
function capUpdaters(managers: Map<string, Manager>): Managers {
  const updaters = [...managers].filter(([, manager]) => manager.operation === "Update");
  let count = updaters.length;
  if (count <= maxUpdaters) return managers;
  const seconds = (manager: Manager): number => (manager.time === undefined ? 0 : Date.parse(manager.time));
  updaters.sort(([idA, a], [idB, b]) => seconds(a) - seconds(b) || (idA < idB ? -1 : 1));
  const first = new Map<string, string>();
  for (const [id, manager] of updaters) {
    if (count <= maxUpdaters) break;
    const firstId = first.get(manager.apiVersion);
    if (firstId === undefined) {
      first.set(manager.apiVersion, id);
      continue;
    }
    const bucket: Manager = { ...manager, name: "ancient-changes", subresource: "" };
    const bucketId = managerId(bucket);
    const base = managers.get(bucketId) ?? managers.get(firstId);
    if (!managers.has(bucketId)) managers.delete(firstId);
    managers.delete(id);
    managers.set(bucketId, { ...bucket, fields: union(manager.fields, base?.fields ?? setOf()) });
    count--;
  }
  return managers;
}

function stripAndStamp(managers: Map<string, Manager>, id: string, time: string | undefined): void {
  const own = managers.get(id);
  if (own === undefined) return;
  const fields = difference(own.fields, unownedFields);
  const { time: _time, ...rest } = own;
  if (isEmptySet(fields)) managers.delete(id);
  else managers.set(id, { ...rest, fields, ...(time === undefined ? {} : { time }) });
}

function putManagers(object: JsonObject, managers: Managers): void {
  const metadata = metadataOf(object);
  if (managers.size === 0) delete metadata["managedFields"];
  else metadata["managedFields"] = encodeManagers(managers);
}

/** Conflicts that are not explained by kubectl's own earlier client-side apply. */
function withoutLastApplied(
  conflicts: readonly FieldConflict[],
  live: JsonObject,
  apiVersion: string,
  type: TypeSchema,
): readonly FieldConflict[] {
  const text = getStringMap(live, "metadata", "annotations")[lastAppliedAnnotation] ?? "";
  const lastApplied = parseObject(text);
  if (lastApplied === undefined || getString(lastApplied, "apiVersion") !== apiVersion) return conflicts;
  const changes = compare(lastApplied, live, type);
  let allowed = toFieldSet(lastApplied, type);
  for (const changed of [changes.modified, changes.added, changes.removed])
    allowed = difference(allowed, changed);
  const unexplained = conflicts.map(({ manager, fields }) => {
    const paths = pathsOf(fields).filter((path) => !hasPath(allowed, path));
    return { manager, fields: setOf(...paths) };
  });
  return unexplained.filter(({ fields }) => !isEmptySet(fields));
}

function updateLastApplied(object: JsonObject, applied: JsonObject): void {
  const annotations = getValue(object, "metadata", "annotations");
  if (!isObject(annotations) || getString(annotations, lastAppliedAnnotation) === "") return;
  const config = copy(applied);
  const configAnnotations = getValue(config, "metadata", "annotations");
  if (isObject(configAnnotations)) delete configAnnotations[lastAppliedAnnotation];
  setOwn(annotations, lastAppliedAnnotation, `${encodeJson(config)}\n`);
}

function applyConflict(conflicts: readonly FieldConflict[]): StatusError {
  const found = conflicts
    .toSorted((a, b) => (describeManager(a.manager) < describeManager(b.manager) ? -1 : 1))
    .map(({ manager, fields }) => ({
      who: describeManager(manager),
      paths: pathsOf(fields).map(formatPath),
    }));
  const causes = found.flatMap(({ who, paths }) =>
    paths.map((field) => ({ reason: "FieldManagerConflict", message: `conflict with ${who}`, field })),
  );
  const [only] = causes;
  const text =
    causes.length === 1 && only !== undefined
      ? `1 conflict: ${only.message}: ${only.field}`
      : `${causes.length} conflicts: ${found.map(({ who, paths }) => [`conflicts with ${who}:`, ...paths.map((path) => `- ${path}`)].join("\n")).join("\n")}`;
  return new StatusError(409, "Conflict", `Apply failed with ${text}`, { causes });
}

function untypedPatch(applied: JsonObject, errors: readonly string[]): StatusError {
  const kind = kindText(getString(applied, "apiVersion"), getString(applied, "kind"));
  const name = `${namespaceOf(applied)}/${nameOf(applied)}; ${kind}`;
  return new StatusError(
    500,
    "",
    `failed to create typed patch object (${name}): ${formatTypedErrors(errors)}`,
  );
}

function kindText(apiVersion: string, kind: string): string {
  return `${apiVersion.includes("/") ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;
}

function identity(writer: Writer, operation: "Apply" | "Update"): Omit<Manager, "fields" | "time"> {
  const { manager: name, apiVersion, subresource } = writer;
  return { name, operation, apiVersion, subresource };
}

function withoutManagedFields(object: JsonObject): JsonObject {
  if (getList(object, "metadata", "managedFields").length === 0) return object;
  const { managedFields: _managers, ...metadata } = metadataOf(object);
  return { ...object, metadata };
}

function typeOf(writer: Writer): TypeSchema {
  const type = writer.typeOf(writer.apiVersion);
  if (type === undefined) throw new Error(`no type for version ${writer.apiVersion}`);
  return type;
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The API server's times have no fractions of a second. */
function timeText(now: Date): string {
  return now.toISOString().replace(/\.\d+Z$/, "Z");
}
