import { decodeYaml, isJsonObject, type JsonObject, type JsonValue } from "@package-operator/kube-yaml";
import type { AnySchema, ErrorObject, ValidateFunction } from "ajv";
import type { Violation } from "../errors.ts";
import type { PackageManifestTest } from "../manifest.ts";
import { builtInPrefix } from "./built-in-schemas.ts";
import { type FetchSchema, fetchSchema } from "./fetch-schema.ts";
import { type SchemaLocation, schemaLocations } from "./schema-location.ts";

/** Holds objects to the schemas of their kinds, as kubeconform does in strict mode. */
export interface SchemaChecker {
  /** What is wrong with the documents of a file; kinds without a schema pass. */
  readonly check: (path: string, text: string, signal?: AbortSignal) => Promise<Violation[]>;
}

/** Makes a checker; every schema is fetched once. */
export async function createSchemaChecker(
  { kubernetesVersion, schemaLocations: given }: NonNullable<PackageManifestTest["kubeconform"]>,
  options: { readonly fetch?: FetchSchema } = {},
): Promise<SchemaChecker> {
  // Loaded here: few packages ask for it, and every other command would pay for it.
  const { Ajv } = await import("ajv");
  const ajv = new Ajv({
    strict: false,
    validateSchema: false,
    validateFormats: false,
    allErrors: true,
    logger: false,
  });
  const locations = schemaLocations(given, kubernetesVersion);
  const fetchText = options.fetch ?? fetchSchema;
  const known = new Map<string, Promise<ValidateFunction | undefined>>();
  const compiled = (
    location: string,
    signal: AbortSignal | undefined,
  ): Promise<ValidateFunction | undefined> => {
    const found =
      known.get(location) ?? compileSchema((schema) => ajv.compile(schema), fetchText(location, signal));
    known.set(location, found);
    return found;
  };
  return {
    check: async (path, text, signal) => {
      const violations: Violation[] = [];
      let index = 0;
      for (const resource of resources(text)) {
        const details =
          typeof resource === "string"
            ? resource
            : await problemOf(resource, locations, (at) => compiled(at, signal));
        if (details !== undefined) violations.push({ reason: "schema-rejected", path, index, details });
        index++;
      }
      return violations;
    },
  };
}

async function compileSchema(
  compile: (schema: AnySchema) => ValidateFunction,
  content: Promise<string | undefined>,
): Promise<ValidateFunction | undefined> {
  const text = await content;
  if (text === undefined) return undefined;
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof schema !== "object" || schema === null) return undefined;
  // The collections name a dialect and themselves by addresses nobody should ask.
  const { $schema: _dialect, $id: _id, id: _oldId, ...rest } = schema as Record<string, unknown>;
  return compile(rest);
}

/** The objects of a file, lists taken apart; a text in place of what cannot be read. */
function resources(text: string): (JsonObject | string)[] {
  return text.split(/^---.*(?:\n|$)/m).flatMap((document) => {
    let value: JsonValue;
    try {
      value = decodeYaml(document, { uniqueKeys: true });
    } catch (error) {
      return [`error unmarshalling resource: ${(error as Error).message}`];
    }
    return value === null ? [] : expandList(value);
  });
}

function expandList(value: JsonValue): (JsonObject | string)[] {
  if (!isJsonObject(value)) return ["error unmarshalling resource: not an object"];
  const { kind, items } = value;
  if (kind === "List" && Array.isArray(items)) return items.flatMap(expandList);
  return [value];
}

async function problemOf(
  resource: JsonObject,
  locations: readonly SchemaLocation[],
  schemaAt: (location: string) => Promise<ValidateFunction | undefined>,
): Promise<string | undefined> {
  const { kind, apiVersion } = resource;
  if (typeof kind !== "string" || kind === "") return "error while parsing: missing 'kind' key";
  if (typeof apiVersion !== "string" || apiVersion === "")
    return "error while parsing: missing 'apiVersion' key";
  for (const locate of locations) {
    const location = locate(apiVersion, kind);
    const validate = await schemaAt(location);
    if (validate === undefined) continue;
    // The API server takes a null for absent; the recorded schemas do not say so at every field.
    const value = location.startsWith(builtInPrefix) ? withoutNulls(resource) : resource;
    if (validate(value)) return undefined;
    const findings = (validate.errors ?? []).map(formatFinding).join(" - ");
    return `problem validating schema. Check JSON formatting: jsonschema validation failed with '${location}' - ${findings}`;
  }
  return undefined;
}

function withoutNulls(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(entries.map(([name, field]) => [name, withoutNulls(field)]));
}

function formatFinding({ instancePath, message, params }: ErrorObject): string {
  const extra = (params as { readonly additionalProperty?: string }).additionalProperty;
  const words = extra === undefined ? (message ?? "invalid") : `additional properties '${extra}' not allowed`;
  return `at '${instancePath}': ${words}`;
}
