import { createHash } from "node:crypto";
import { definition, definitionNames, objectMetaDefinition } from "../builtin/definitions.ts";
import type { OpenApiSchema } from "../fields/type-schema.ts";
import { isObject, type JsonObject, type JsonValue } from "../json.ts";
import type { ResourceCatalog } from "../resources/catalog.ts";
import type { Resource } from "../resources/resource.ts";

const prefix = "#/components/schemas/";

/** `/openapi/v3`: where the document of each group version is; the address changes with its contents. */
export function openApiIndex(catalog: ResourceCatalog): JsonObject {
  const versions = new Map<string, JsonObject>();
  for (const { group, version } of catalog.list()) {
    const name = group === "" ? `api/${version}` : `apis/${group}/${version}`;
    if (versions.has(name)) continue;
    const text = JSON.stringify(openApiDocument(catalog, group, version));
    const hash = createHash("sha256").update(text).digest("hex").toUpperCase();
    versions.set(name, { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` });
  }
  return { paths: Object.fromEntries(versions) };
}

/** The OpenAPI document of a group version: schemas, and of the operations what clients look up. */
export function openApiDocument(
  catalog: ResourceCatalog,
  group: string,
  version: string,
): JsonObject | undefined {
  const resources = catalog.list({ group, version });
  if (resources.length === 0) return undefined;
  const schemas = new Map<string, JsonObject>();
  for (const resource of resources) {
    if (resource.schema === undefined) addDefinition(schemas, resource.definition);
    else addCustomDefinition(schemas, resource);
  }
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: "unversioned" },
    paths: Object.fromEntries(resources.flatMap(pathsOf)),
    components: { schemas: Object.fromEntries(schemas) },
  };
}

function addDefinition(schemas: Map<string, JsonObject>, name: string): void {
  if (schemas.has(name)) return;
  const schema = cleaned(definition(name) as JsonObject) as JsonObject;
  schemas.set(name, schema);
  for (const reference of referencesIn(schema)) addDefinition(schemas, reference);
}

function addCustomDefinition(schemas: Map<string, JsonObject>, resource: Resource): void {
  const text: OpenApiSchema = { type: "string" };
  const schema = (resource.schema ?? {}) as JsonObject;
  const own = isObject(schema["properties"]) ? schema["properties"] : {};
  schemas.set(resource.definition, {
    ...schema,
    properties: {
      apiVersion: text as JsonObject,
      kind: text as JsonObject,
      ...own,
      metadata: { allOf: [{ $ref: prefix + objectMetaDefinition }] },
    },
    "x-kubernetes-group-version-kind": [
      { group: resource.group, version: resource.version, kind: resource.kind },
    ],
  });
  addDefinition(schemas, objectMetaDefinition);
}

const recordedKeys: ReadonlySet<string> = new Set(["x-omit-zero", "x-null-zero", "x-proto"]);

/** The recorder's own notes stay inside. */
function cleaned(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(cleaned);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !recordedKeys.has(key))
      .map(([key, child]) => [key, cleaned(child)]),
  );
}

function referencesIn(value: JsonValue): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === "$ref" && typeof child === "string" && child.startsWith(prefix)
      ? [child.slice(prefix.length)].filter((name) => knownDefinitions.has(name))
      : referencesIn(child),
  );
}

const knownDefinitions: ReadonlySet<string> = new Set(definitionNames());

const actions: Readonly<Record<string, readonly [verb: string, action: string][]>> = {
  collection: [
    ["get", "list"],
    ["post", "post"],
    ["delete", "deletecollection"],
  ],
  item: [
    ["get", "get"],
    ["put", "put"],
    ["patch", "patch"],
    ["delete", "delete"],
  ],
};

function pathsOf(resource: Resource): [string, JsonObject][] {
  const { group, version, plural, namespaced } = resource;
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const base = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`;
  const paths: [string, JsonObject][] = [
    [base, operations(resource, "collection")],
    [`${base}/{name}`, operations(resource, "item")],
  ];
  if (namespaced) paths.unshift([`${root}/${plural}`, { get: operation(resource, "get", "list") }]);
  return paths;
}

function operations(resource: Resource, of: string): JsonObject {
  return Object.fromEntries(
    (actions[of] ?? []).map(([verb, action]) => [verb, operation(resource, verb, action)]),
  );
}

function operation(
  { group, version, kind, definition: name }: Resource,
  verb: string,
  action: string,
): JsonObject {
  const parameters = ["put", "post", "patch"].includes(verb)
    ? ["dryRun", "fieldManager", "fieldValidation"].map((parameter) => ({
        name: parameter,
        in: "query",
        schema: { type: "string", uniqueItems: true },
      }))
    : [];
  return {
    operationId: `${action}${kind}`,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: {
      "200": {
        description: "OK",
        content: { "application/json": { schema: { $ref: prefix + name } } },
      },
    },
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": { group, version, kind },
  };
}
