import { defaultObject, type JsonSchema, pruneObject } from "@package-operator/schema";
import { decodeBuiltin, DecodeError, type DecodeNotes } from "../builtin/decode.ts";
import { objectMetaDefinition } from "../builtin/definitions.ts";
import { copy, getString, isObject, type JsonObject, type JsonValue } from "../json.ts";
import { StatusError } from "../errors.ts";
import { badRequest } from "../refusals.ts";
import { apiVersionOf, type Resource } from "../resources/resource.ts";

/** What to do about fields the schema does not have. */
export type FieldValidation = "Ignore" | "Warn" | "Strict";

/** How a request wants its body read. */
export interface DecodeOptions {
  readonly fieldValidation: FieldValidation;
  /** Receives warnings for the client. */
  readonly warn: (text: string) => void;
}

/**
 * Turns a request body into an object of a resource: checks version and kind, drops or refuses unknown fields,
 * brings metadata into shape and sets defaults. The result is a new object.
 *
 * @throws StatusError 400 when the body cannot be an object of the resource.
 */
export function decodeObject(body: JsonValue, resource: Resource, options: DecodeOptions): JsonObject {
  try {
    return decode(body, resource, options);
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(`${subjectOf(resource)}: ${error.message}`);
    throw error;
  }
}

/**
 * {@link decodeObject} for an object that a patch made: what is wrong with it is a finding about the patch.
 *
 * @throws StatusError 422
 */
export function decodePatched(body: JsonValue, resource: Resource, options: DecodeOptions): JsonObject {
  try {
    return decode(body, resource, options);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const text = JSON.stringify(JSON.stringify(body));
    const message = `Invalid value: ${text}: ${error.message}`;
    throw new StatusError(422, "Invalid", ` "" is invalid: patch: ${message}`, {
      causes: [{ reason: "FieldValueInvalid", message, field: "patch" }],
    });
  }
}

function decode(body: JsonValue, resource: Resource, options: DecodeOptions): JsonObject {
  if (!isObject(body))
    throw badRequest(`the object provided is unrecognized (must be of type ${resource.kind})`);
  const source = copy(body);
  checkKind(source, resource);
  const notes: DecodeNotes = { unknown: [] };
  const object = read(source, resource, notes);
  reportUnknown(notes, options);
  resource.strategy.defaults?.(object);
  return object;
}

function checkKind(source: JsonObject, resource: Resource): void {
  const apiVersion = getString(source, "apiVersion");
  const kind = getString(source, "kind");
  const expected = apiVersionOf(resource);
  if (apiVersion !== "" && apiVersion !== expected) {
    throw badRequest(
      resource.custom
        ? `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`
        : `${kind} in version ${JSON.stringify(versionOf(apiVersion))} cannot be handled as a ${resource.kind}: no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`,
    );
  }
  if (kind !== "" && kind !== resource.kind) {
    throw badRequest(
      resource.custom
        ? `${kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: unable to decode ${apiVersion}, Kind=${kind} into *unstructured.Unstructured`
        : `${kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: converting (v1.${kind}) to (${internalGroup(resource)}.${resource.kind}): unknown conversion`,
    );
  }
}

function read(source: JsonObject, resource: Resource, notes: DecodeNotes): JsonObject {
  const head = { kind: resource.kind, apiVersion: apiVersionOf(resource) };
  if (resource.schema === undefined) {
    return { ...head, ...decodeBuiltin({ ...source, ...head }, resource.definition, notes) };
  }
  return { ...readCustom(source, resource.schema, notes), ...head };
}

function readCustom(source: JsonObject, schema: JsonSchema, notes: DecodeNotes): JsonObject {
  const object = copy(source);
  if (object["metadata"] !== undefined)
    object["metadata"] = readMetadata(object["metadata"], "metadata", notes);
  readEmbedded(object, schema, "", notes);
  const before = copy(object);
  pruneObject(schema, object, { resourceRoot: true });
  collectPruned(before, object, "", notes.unknown);
  return object;
}

/** A merged custom object: metadata in shape, nothing unknown, defaults set, but nulls kept. */
export function readMerged(merged: JsonObject, schema: JsonSchema): JsonObject {
  const object = readCustom(merged, schema, { unknown: [] });
  defaultObject(schema, object);
  return object;
}

function readMetadata(value: JsonValue, path: string, notes: DecodeNotes): JsonObject {
  if (value === null) return {};
  if (!isObject(value))
    throw new DecodeError(
      `json: cannot unmarshal ${typeof value} into Go struct field .${path} of type v1.ObjectMeta`,
    );
  const own: DecodeNotes = { unknown: [] };
  const metadata = decodeBuiltin(value, objectMetaDefinition, own);
  notes.unknown.push(...own.unknown.map((field) => `${path}.${field}`));
  return metadata;
}

/** Embedded resources have object metadata too, wherever the schema says so. */
function readEmbedded(value: JsonValue, schema: JsonSchema, path: string, notes: DecodeNotes): void {
  if (Array.isArray(value)) {
    const items = Array.isArray(schema.items) ? undefined : schema.items;
    if (items === undefined) return;
    for (const [index, item] of value.entries()) readEmbedded(item, items, `${path}[${index}]`, notes);
    return;
  }
  if (!isObject(value)) return;
  if (schema["x-kubernetes-embedded-resource"] === true && value["metadata"] !== undefined) {
    value["metadata"] = readMetadata(value["metadata"], `${path}.metadata`, notes);
  }
  const more = typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
  for (const [name, child] of Object.entries(value)) {
    const own = schema.properties !== undefined && Object.hasOwn(schema.properties, name);
    const type = own ? schema.properties?.[name] : more;
    if (type !== undefined) readEmbedded(child, type, path === "" ? name : `${path}.${name}`, notes);
  }
}

function collectPruned(before: JsonValue, after: JsonValue, path: string, unknown: string[]): void {
  if (Array.isArray(before) && Array.isArray(after)) {
    for (const [index, item] of before.entries()) {
      collectPruned(item, after[index] ?? null, `${path}[${index}]`, unknown);
    }
  } else if (isObject(before) && isObject(after)) {
    for (const [name, child] of Object.entries(before)) {
      const at = path === "" ? name : `${path}.${name}`;
      if (Object.hasOwn(after, name)) collectPruned(child, after[name] ?? null, at, unknown);
      else unknown.push(at);
    }
  }
}

function reportUnknown({ unknown }: DecodeNotes, options: DecodeOptions): void {
  const texts = unknown.map((path) => `unknown field ${JSON.stringify(path)}`);
  if (texts.length === 0 || options.fieldValidation === "Ignore") return;
  if (options.fieldValidation === "Warn") for (const text of texts) options.warn(text);
  else throw new DecodeError(`strict decoding error: ${texts.join(", ")}`);
}

function subjectOf(resource: Resource): string {
  return `${resource.kind} in version ${JSON.stringify(resource.version)} cannot be handled as a ${resource.kind}`;
}

function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf("/") + 1);
}

/** The Go package of the internal types, which shows in messages. */
function internalGroup({ group }: Resource): string {
  return group === "" ? "core" : (group.split(".")[0] ?? group);
}
