import {
  compileRules,
  defaultObject,
  type FieldError,
  invalid,
  type JsonSchema,
  pruneNulls,
  type SchemaRules,
  validateCustomResource,
} from "@package-operator/schema";
import { definitionType, objectMetaDefinition } from "../builtin/definitions.ts";
import { setOf } from "../fields/field-set.ts";
import { createType, type OpenApiSchema, type TypeSchema, untypedDeduced } from "../fields/type-schema.ts";
import {
  getObject,
  getObjects,
  getString,
  getStrings,
  getValue,
  isObject,
  isTrue,
  type JsonObject,
  type JsonValue,
  metadataOf,
  textOf,
} from "../json.ts";
import { compareVersions } from "../resources/catalog.ts";
import type { Resource, ScalePaths, Subresource } from "../resources/resource.ts";
import type { Strategy } from "../resources/strategy.ts";
import { createCells, createColumns, nameColumn } from "./printer-columns.ts";

const allVerbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];

/** The resources that an accepted definition serves: one for each served version. */
export function createCustomResources(definition: JsonObject): Resource[] {
  return getObjects(definition, "spec", "versions")
    .filter((version) => isTrue(version, "served"))
    .map((version) => createResource(definition, version));
}

function createResource(definition: JsonObject, version: JsonObject): Resource {
  const spec = getObject(definition, "spec") ?? {};
  const names = getObject(spec, "names") ?? {};
  const group = getString(spec, "group");
  const name = getString(version, "name");
  const kind = getString(names, "kind");
  const versions = getObjects(spec, "versions");
  const storage = versions.find((item) => isTrue(item, "storage")) ?? version;
  const schema = (getObject(version, "schema", "openAPIV3Schema") ?? {}) as JsonSchema;
  const hasStatus = getObject(version, "subresources", "status") !== undefined;
  const scale = getObject(version, "subresources", "scale");
  const columns = createColumns(getObjects(version, "additionalPrinterColumns"));
  return {
    group,
    version: name,
    plural: getString(names, "plural"),
    singular: getString(names, "singular"),
    kind,
    listKind: getString(names, "listKind"),
    namespaced: getString(spec, "scope") === "Namespaced",
    verbs: allVerbs,
    shortNames: getStrings(names, "shortNames"),
    categories: getStrings(names, "categories"),
    subresources: createSubresources({ group, name, kind, hasStatus, hasScale: scale !== undefined }),
    ...(scale === undefined ? {} : { scale: scalePaths(scale) }),
    storageApiVersion: `${group}/${getString(storage, "name")}`,
    webhookConversion: getString(spec, "conversion", "strategy") === "Webhook",
    type: createCustomType(schema),
    custom: true,
    schema,
    ...(isTrue(version, "deprecated") ? { deprecation: deprecationOf(definition, version) } : {}),
    definition: definitionNameOf(group, name, kind),
    columns: [nameColumn, ...columns.map(({ column }) => column)],
    cells: createCells(columns),
    strategy: createStrategy(schema, hasStatus, scale, version),
  };
}

/** The warning of a deprecated version, which names the best one that is not. */
function deprecationOf(definition: JsonObject, version: JsonObject): string {
  const own = getString(version, "deprecationWarning");
  if (own !== "") return own;
  const group = getString(definition, "spec", "group");
  const kind = getString(definition, "spec", "names", "kind");
  const [better] = getObjects(definition, "spec", "versions")
    .filter((other) => isTrue(other, "served") && !isTrue(other, "deprecated"))
    .map((other) => getString(other, "name"))
    .toSorted(compareVersions);
  const advice = better === undefined ? "" : `; use ${group}/${better} ${kind}`;
  return `${group}/${getString(version, "name")} ${kind} is deprecated${advice}`;
}

/** The OpenAPI name of a custom kind: the group's labels reversed, version, kind. */
function definitionNameOf(group: string, version: string, kind: string): string {
  return [...group.split(".").toReversed(), version, kind].join(".");
}

/** How a custom resource merges: its schema, with the metadata every object has. */
function createCustomType(schema: JsonSchema): TypeSchema {
  const root = withObjectFields(schema);
  return createType(root, (name) => (name === objectMetaDefinition ? definitionType(name) : untypedDeduced));
}

/** Adds `apiVersion`, `kind` and `metadata` to the root and to every embedded resource. */
function withObjectFields(schema: OpenApiSchema, root = true): OpenApiSchema {
  const { properties, items, additionalProperties } = schema;
  const embedded = root || schema["x-kubernetes-embedded-resource"] === true;
  const own = Object.entries(properties ?? {}).map(([name, property]): [string, OpenApiSchema] => [
    name,
    withObjectFields(property, false),
  ]);
  const text: OpenApiSchema = { type: "string" };
  const metadata: OpenApiSchema = { $ref: `#/components/schemas/${objectMetaDefinition}` };
  const added = embedded ? { apiVersion: text, kind: text, metadata } : {};
  return {
    ...schema,
    ...(own.length > 0 || embedded ? { properties: { ...Object.fromEntries(own), ...added } } : {}),
    ...(isObject(items) ? { items: withObjectFields(items, false) } : {}),
    ...(isObject(additionalProperties)
      ? { additionalProperties: withObjectFields(additionalProperties, false) }
      : {}),
  };
}

interface SubresourceOptions {
  readonly group: string;
  readonly name: string;
  readonly kind: string;
  readonly hasStatus: boolean;
  readonly hasScale: boolean;
}

function createSubresources({ group, name, kind, hasStatus, hasScale }: SubresourceOptions): Subresource[] {
  const verbs = ["get", "patch", "update"];
  return [
    ...(hasStatus ? [{ name: "status", group, version: name, kind, verbs }] : []),
    ...(hasScale ? [{ name: "scale", group: "autoscaling", version: "v1", kind: "Scale", verbs }] : []),
  ];
}

function scalePaths(scale: JsonObject): ScalePaths {
  const labelSelectorPath = getString(scale, "labelSelectorPath");
  return {
    specReplicasPath: getString(scale, "specReplicasPath"),
    statusReplicasPath: getString(scale, "statusReplicasPath"),
    ...(labelSelectorPath === "" ? {} : { labelSelectorPath }),
  };
}

function createStrategy(
  schema: JsonSchema,
  hasStatus: boolean,
  scale: JsonObject | undefined,
  version: JsonObject,
): Strategy {
  const selectable = getObjects(version, "selectableFields").map((field) =>
    getString(field, "jsonPath").slice(1),
  );
  return {
    defaults: (object) => {
      pruneNulls(schema, object);
      defaultObject(schema, object);
    },
    generationOf: ({ metadata: _metadata, status, ...rest }) =>
      hasStatus || status === undefined ? rest : { ...rest, status },
    prepareForCreate: (object) => {
      if (hasStatus) delete object["status"];
    },
    prepareForUpdate: (object, old) => {
      if (!hasStatus) return;
      if (old["status"] === undefined) delete object["status"];
      else object["status"] = old["status"];
    },
    prepareForStatusUpdate: (object, old) => {
      const { status } = object;
      const { managedFields } = metadataOf(object);
      const { managedFields: _old, ...metadata } = metadataOf(old);
      for (const key of Object.keys(object)) delete object[key];
      Object.assign(object, old, {
        metadata: managedFields === undefined ? metadata : { ...metadata, managedFields },
      });
      if (status === undefined) delete object["status"];
      else object["status"] = status;
    },
    resetFields: hasStatus ? { "": setOf(["f:status"]), status: setOf(["f:metadata"], ["f:spec"]) } : {},
    ...createValidations(schema, scale),
    selectableFields: (object) =>
      Object.fromEntries(selectable.map((path) => [path, textOf(getValue(object, ...path.split(".")))])),
  };
}

/** Checks objects, whole or changed through their status: schema, embedded resources, list types, scale, CEL rules. */
function createValidations(
  schema: JsonSchema,
  scale: JsonObject | undefined,
): Pick<Strategy, "validate" | "validateStatus"> {
  let compiled: SchemaRules | undefined;
  const declared = hasRules(schema as JsonObject);
  const check = (object: JsonObject, oldObject: JsonObject | undefined, isStatus: boolean): FieldError[] => {
    if (declared) compiled ??= compileRules(schema, "", { resourceRoot: true });
    const errors = validateCustomResource(schema, object, { rules: compiled, oldObject, isStatus });
    const replicas = isStatus ? ["statusReplicasPath"] : ["specReplicasPath", "statusReplicasPath"];
    return [...errors, ...replicas.flatMap((path) => validateReplicas(object, scale, path))];
  };
  return {
    validate: (object, old) => check(object, old, false),
    validateStatus: (object, old) => check(object, old, true),
  };
}

function hasRules(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.some(hasRules);
  if (!isObject(value)) return false;
  return Object.hasOwn(value, "x-kubernetes-validations") || Object.values(value).some(hasRules);
}

/** Checks the count of replicas at one of the paths of a `scale` subresource. */
function validateReplicas(object: JsonObject, scale: JsonObject | undefined, field: string): FieldError[] {
  if (scale === undefined) return [];
  const path = getString(scale, field);
  const value = getValue(object, ...path.slice(1).split("."));
  if (value === undefined) return [];
  if (typeof value !== "number" || !Number.isInteger(value)) {
    const type = typeof value === "number" ? "float64" : typeof value;
    return [
      invalid(path, 0, `${path} accessor error: ${textOf(value)} is of the type ${type}, expected int64`),
    ];
  }
  if (value < 0) return [invalid(path, value, "should be a non-negative integer")];
  const most = 2 ** 31 - 1;
  return value > most ? [invalid(path, value, `should be less than or equal to ${most}`)] : [];
}
