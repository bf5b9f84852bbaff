import type { JsonSchema } from "./json-schema.ts";

/** Keywords that a structural schema cannot hold, in the order in which the API server looks for them. */
const unsupported: readonly (readonly [name: string, isUsed: (schema: JsonSchema) => boolean])[] = [
  ["id", ({ id }) => (id ?? "") !== ""],
  ["schema", ({ $schema }) => ($schema ?? "") !== ""],
  ["$ref", ({ $ref }) => ($ref ?? "") !== ""],
  ["patternProperties", ({ patternProperties }) => !isEmpty(patternProperties)],
  ["dependencies", ({ dependencies }) => !isEmpty(dependencies)],
  ["additionalItems", ({ additionalItems }) => additionalItems !== undefined],
  ["definitions", ({ definitions }) => !isEmpty(definitions)],
];

/** Why a schema, or one inside of it, cannot be read as a structural schema at all; undefined when it can. */
export function unsupportedReason(schema: JsonSchema): string | undefined {
  const keyword = unsupported.find(([, isUsed]) => isUsed(schema))?.[0];
  if (keyword !== undefined) return `OpenAPIV3Schema '${keyword}' is not supported`;
  const { not, allOf = [], anyOf = [], oneOf = [], items, additionalProperties } = schema;
  for (const child of [...(not === undefined ? [] : [not]), ...allOf, ...anyOf, ...oneOf]) {
    const reason = unsupportedReason(child);
    if (reason !== undefined) return reason;
  }
  if (schema["x-kubernetes-preserve-unknown-fields"] === false) {
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  }
  if (Array.isArray(items) && items.length > 0) {
    return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  }
  const additional = typeof additionalProperties === "object" ? [additionalProperties] : [];
  const item = items === undefined || Array.isArray(items) ? [] : [items];
  for (const child of [...item, ...Object.values(schema.properties ?? {}), ...additional]) {
    const reason = unsupportedReason(child);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function isEmpty(record: object | undefined): boolean {
  return record === undefined || Object.keys(record).length === 0;
}
