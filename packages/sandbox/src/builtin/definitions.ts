import { createType, type OpenApiSchema, type TypeSchema, untypedAtomic } from "../fields/type-schema.ts";
import { getObjects, getString, isObject, type JsonObject, type JsonValue } from "../json.ts";
import { definitionLines } from "./kubernetes.generated.ts";

const texts: ReadonlyMap<string, string> = new Map(
  definitionLines.split("\n").map((line): [string, string] => {
    const blank = line.indexOf(" ");
    return [line.slice(0, blank), line.slice(blank + 1)];
  }),
);
const schemas = new Map<string, OpenApiSchema>();
const types = new Map<string, TypeSchema>();
const kinds = new Map<string, string>();

/** Name of the definition of object metadata, which custom resources refer to. */
export const objectMetaDefinition = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/** Names of all recorded definitions. */
export function definitionNames(): string[] {
  return [...texts.keys()];
}

/** A recorded OpenAPI schema by name; the empty schema (anything goes) when there is none. */
export function definition(name: string): OpenApiSchema {
  let schema = schemas.get(name);
  if (schema === undefined) {
    schema = JSON.parse(texts.get(name) ?? "{}") as OpenApiSchema;
    schemas.set(name, schema);
  }
  return schema;
}

/** Name of the definition of a kind in a version, undefined for kinds that are not recorded. */
export function definitionOfKind(apiVersion: string, kind: string): string | undefined {
  if (kinds.size === 0) {
    for (const name of texts.keys()) {
      for (const item of getObjects(definition(name) as JsonObject, "x-kubernetes-group-version-kind")) {
        const [group, version] = [getString(item, "group"), getString(item, "version")];
        kinds.set(`${group === "" ? version : `${group}/${version}`}/${getString(item, "kind")}`, name);
      }
    }
  }
  return kinds.get(`${apiVersion}/${kind}`);
}

/** How values of a recorded definition merge. */
export function definitionType(name: string): TypeSchema {
  let type = types.get(name);
  if (type === undefined) {
    if (name.endsWith(".Quantity")) type = { atom: { scalar: "untyped" } };
    else if (name.endsWith(".RawExtension")) type = untypedAtomic;
    else type = createType(definition(name), definitionType);
    types.set(name, type);
  }
  return type;
}

/** The name of the definition a property refers to, undefined for inline schemas. */
export function referenceOf(schema: OpenApiSchema): string | undefined {
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
  return reference?.slice(reference.lastIndexOf("/") + 1);
}

/** The schema a property stands for: what it refers to, or itself. */
export function resolveSchema(schema: OpenApiSchema): OpenApiSchema {
  const name = referenceOf(schema);
  return name === undefined ? schema : definition(name);
}

/** Whether a property holds a Go struct by value, which is written even when everything in it is empty. */
export function isStructValue(schema: OpenApiSchema): boolean {
  return isObject(schema.default) && Object.keys(schema.default).length === 0;
}

/** The value of a Go field that nobody set; undefined when it is left out. */
export function zeroValue(schema: OpenApiSchema, required: boolean): JsonValue | undefined {
  if (schema["x-null-zero"] === true) return null;
  // The zero value as default marks a scalar that is always written.
  if (["", 0, false].includes(schema.default as never) && schema["x-omit-zero"] !== true)
    return schema.default;
  if (isStructValue(schema)) return zeroObject(resolveSchema(schema));
  if (!required || referenceOf(schema) !== undefined) return required ? null : undefined;
  switch (schema.type) {
    case "string":
      return schema.format === "date-time" ? null : "";
    case "boolean":
      return false;
    case "integer":
    case "number":
      return 0;
    default:
      return null;
  }
}

/** A Go struct that nobody set anything in, as JSON: the base that a create is compared with. */
export function zeroObject(schema: OpenApiSchema): JsonObject {
  const required = new Set(schema.required);
  const zero: JsonObject = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const value = zeroValue(property, required.has(name));
    if (value !== undefined) zero[name] = value;
  }
  return zero;
}
