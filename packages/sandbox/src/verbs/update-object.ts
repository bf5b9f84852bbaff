import {
  type FieldError,
  forbidden as forbiddenField,
  invalid,
  isDns1123Subdomain,
  validateObjectMeta,
} from "@package-operator/schema";
import { equalButManagerTimes, trackUpdate } from "../fields/managed-fields.ts";
import {
  copy,
  equalJson,
  getString,
  getStrings,
  getValue,
  type JsonObject,
  type JsonValue,
  metadataOf,
  nameOf,
  uidOf,
} from "../json.ts";
import { badRequest, conflict, invalidObject } from "../refusals.ts";
import { collectionOf, type Resource } from "../resources/resource.ts";
import { objectKey } from "../storage/object-store.ts";
import {
  type ApiContext,
  readObject,
  strategyContext,
  type Target,
  toStorage,
  toVersion,
} from "./api-context.ts";
import { matchNamespace, validateFinalizerNames } from "./create-object.ts";
import { decodeObject } from "./decode-object.ts";
import { type WriteOptions, writerFor } from "./write-options.ts";

/** What the world is told when an update met a newer object. */
const modifiedMessage =
  "the object has been modified; please apply your changes to the latest version and try again";

/** Built-in kinds that only take updates which name the version they change, like all custom kinds. */
const conditionalKinds: ReadonlySet<string> = new Set([
  "ServiceAccount",
  "Lease",
  "CustomResourceDefinition",
  "PodDisruptionBudget",
]);

/**
 * Replaces an object, or what a subresource shows of it, with a request body.
 *
 * @throws StatusError 409 when the body was made from an older version.
 */
export function updateObject(
  context: ApiContext,
  target: Target,
  body: JsonValue,
  options: WriteOptions,
): JsonObject {
  const { resource, namespace, name } = target;
  const object = decodeObject(body, resource, {
    fieldValidation: options.fieldValidation ?? "Ignore",
    warn: options.warn ?? (() => undefined),
  });
  if (nameOf(object) === "") metadataOf(object)["name"] = name;
  if (nameOf(object) !== name) {
    throw badRequest(
      `the name of the object (${nameOf(object)}) does not match the name on the URL (${name})`,
    );
  }
  matchNamespace(object, resource, namespace);
  const live = readObject(context, target);
  trackUpdate(live, object, writerFor(context, resource, options));
  return storeChange(context, target, live, object, options);
}

/**
 * Checks and stores a changed object that has its managed fields; deletes it when its last finalizer went. A change
 * of nothing, or of manager times only, is not stored and returns `live`.
 */
export function storeChange(
  context: ApiContext,
  target: Target,
  live: JsonObject,
  object: JsonObject,
  options: WriteOptions,
): JsonObject {
  const { resource } = target;
  const { strategy } = resource;
  checkVersion(resource, live, object);
  keepSystemFields(object, live);
  const status = options.subresource === "status";
  if (status) {
    if (!resource.custom) restoreSpecification(object, live);
    strategy.prepareForStatusUpdate?.(object, live);
  } else {
    if (strategy.resetFields?.[""]?.members.has("f:status") === true && !resource.custom) {
      restore(object, live, "status");
    }
    if (options.subresource !== "finalize")
      strategy.prepareForUpdate?.(object, live, strategyContext(context));
  }
  if (!status && strategy.generationOf !== undefined) bumpGeneration(object, live, strategy.generationOf);
  const errors = [
    ...validateObjectMeta(metadataOf(object), "metadata", {
      namespaced: resource.namespaced,
      validateName: strategy.validateName ?? isDns1123Subdomain,
    }),
    ...validateMetadataUpdate(object, live),
    // Built-in kinds check metadata a second time with their own fields.
    ...(resource.custom
      ? []
      : [...validateMetadataUpdate(object, live), ...validateFinalizerNames(resource, object)]),
    ...((status ? strategy.validateStatus?.(object, live) : strategy.validate?.(object, live)) ?? []),
    ...(status || options.subresource === "binding" ? [] : (strategy.validateUpdate?.(object, live) ?? [])),
  ];
  if (errors.length > 0) throw invalidObject(resource, nameOf(object), errors);
  metadataOf(object)["resourceVersion"] = getString(live, "metadata", "resourceVersion");
  if (equalButManagerTimes(object, live)) return live;
  if (options.dryRun === true) return object;
  if (isFinished(resource, object)) return finishDeletion(context, target, object);
  const stored = context.store.put(collectionOf(resource), toStorage(object, resource));
  return toVersion(stored, resource);
}

/** Whether an object that is being deleted has nothing left to wait for. */
function isFinished(resource: Resource, object: JsonObject): boolean {
  if (getString(object, "metadata", "deletionTimestamp") === "") return false;
  const grace = getValue(object, "metadata", "deletionGracePeriodSeconds");
  return finalizersOf(resource, object).length === 0 && (grace === undefined || grace === 0);
}

/** Everything an object waits for before it can be deleted. */
export function finalizersOf(resource: Resource, object: JsonObject): string[] {
  return resource.strategy.finalizers?.(object) ?? getStrings(object, "metadata", "finalizers");
}

function finishDeletion(context: ApiContext, target: Target, object: JsonObject): JsonObject {
  context.store.delete(collectionOf(target.resource), objectKey(target.namespace, target.name));
  return object;
}

function checkVersion(resource: Resource, live: JsonObject, object: JsonObject): void {
  const uid = uidOf(object);
  if (uid !== "" && uid !== uidOf(live)) {
    throw conflict(
      resource,
      nameOf(live),
      `StorageError: invalid object, Code: 4, Key: ${storageKey(resource, live)}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${uidOf(live)}`,
    );
  }
  const version = getString(object, "metadata", "resourceVersion");
  if (version === "" || version === "0") {
    if (!resource.custom && !conditionalKinds.has(resource.kind)) return;
    throw invalidObject({ group: resource.group, kind: resource.plural }, nameOf(live), [
      invalid("metadata.resourceVersion", 0, "must be specified for an update"),
    ]);
  }
  if (version !== getString(live, "metadata", "resourceVersion")) {
    throw conflict(resource, nameOf(live), modifiedMessage);
  }
}

/** Puts back what no client may change, also by leaving it out. */
function keepSystemFields(object: JsonObject, live: JsonObject): void {
  const metadata = metadataOf(object);
  const old = metadataOf(live);
  delete metadata["selfLink"];
  for (const field of ["generation", "creationTimestamp"]) keep(metadata, old, field);
  if (getString(metadata, "uid") === "") keep(metadata, old, "uid");
  for (const field of ["deletionTimestamp", "deletionGracePeriodSeconds"]) keep(metadata, old, field);
}

function keep(metadata: JsonObject, old: JsonObject, field: string): void {
  const value = old[field];
  if (value === undefined) delete metadata[field];
  else metadata[field] = value;
}

function restore(object: JsonObject, live: JsonObject, field: string): void {
  const value = live[field];
  if (value === undefined) delete object[field];
  else object[field] = copy(value);
}

/** A status update changes nothing but status and metadata. */
function restoreSpecification(object: JsonObject, live: JsonObject): void {
  for (const field of new Set([...Object.keys(object), ...Object.keys(live)])) {
    if (field !== "status" && field !== "metadata") restore(object, live, field);
  }
}

function bumpGeneration(
  object: JsonObject,
  live: JsonObject,
  generationOf: (object: JsonObject) => JsonObject,
): void {
  if (equalJson(generationOf(object), generationOf(live))) return;
  const generation = getValue(live, "metadata", "generation");
  metadataOf(object)["generation"] = (typeof generation === "number" ? generation : 0) + 1;
}

function validateMetadataUpdate(object: JsonObject, live: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ["name", "namespace"]) {
    const value = getString(object, "metadata", field);
    if (value !== getString(live, "metadata", field)) {
      errors.push(invalid(`metadata.${field}`, value, "field is immutable"));
    }
  }
  if (getString(live, "metadata", "deletionTimestamp") === "") return errors;
  const before = new Set(getStrings(live, "metadata", "finalizers"));
  const added = getStrings(object, "metadata", "finalizers").filter((finalizer) => !before.has(finalizer));
  if (added.length > 0) {
    const list = added.map((finalizer) => JSON.stringify(finalizer)).join(", ");
    errors.push(
      forbiddenField(
        "metadata.finalizers",
        `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
      ),
    );
  }
  return errors;
}

/** Where the real server would keep an object, which shows in messages. */
function storageKey(resource: Resource, object: JsonObject): string {
  const group = resource.custom ? [resource.group] : [];
  const namespace = resource.namespaced ? [getString(object, "metadata", "namespace")] : [];
  return ["/registry", ...group, resource.plural, ...namespace, nameOf(object)].join("/");
}
