import { forbidden, invalid, required, type FieldError } from "./field-error.ts";
import type { JsonSchema } from "./json-schema.ts";
import { itemSchema, propertySchema } from "./prune.ts";
import { compileRegex } from "./regex.ts";

/** The junctors of one schema with their path segments. */
function junctorsOf(schema: JsonSchema): [segment: string, schema: JsonSchema][] {
  const lists = (["allOf", "anyOf", "oneOf"] as const).flatMap((key) =>
    (schema[key] ?? []).map((child, index): [string, JsonSchema] => [`${key}[${index}]`, child]),
  );
  return schema.not === undefined ? lists : [...lists, ["not", schema.not]];
}

/** Keywords that may not stand inside of a junctor, and how they must be left. */
const forbiddenInJunctor: readonly [key: keyof JsonSchema, state: "empty" | "undefined" | "false"][] = [
  ["type", "empty"],
  ["additionalProperties", "undefined"],
  ["default", "undefined"],
  ["title", "empty"],
  ["description", "empty"],
  ["nullable", "false"],
  ["x-kubernetes-preserve-unknown-fields", "false"],
  ["x-kubernetes-embedded-resource", "false"],
  ["x-kubernetes-int-or-string", "false"],
  ["x-kubernetes-list-map-keys", "empty"],
  ["x-kubernetes-list-type", "undefined"],
  ["x-kubernetes-map-type", "undefined"],
  ["x-kubernetes-validations", "empty"],
];

/** Checks the value rules of one schema: its pattern, and that its junctors only hold value rules. */
export function validateValueRules(schema: JsonSchema, path: string): FieldError[] {
  const errors = validatePattern(schema, path);
  // The two ways to write an int-or-string may name types inside of a junctor.
  const isEither = isIntegerOrString(schema.anyOf);
  const isEitherToo = isIntegerOrString(schema.allOf?.[0]?.anyOf);
  for (const [segment, child] of junctorsOf(schema)) {
    if (isEither && segment.startsWith("anyOf")) continue;
    errors.push(...validateJunctor(child, `${path}.${segment}`, isEitherToo && segment === "allOf[0]"));
  }
  return errors;
}

/** Checks that every field named in a junctor of the root is also specified outside of it; others are not looked at. */
export function validateCompleteness(schema: JsonSchema, path: string): FieldError[] {
  return junctorsOf(schema).flatMap(([segment, child]) =>
    completeJunctor(child, schema, { structural: path, junctor: `${path}.${segment}` }),
  );
}

interface PathPair {
  /** Path outside of the junctor. */
  readonly structural: string;
  /** Path inside of the junctor. */
  readonly junctor: string;
}

function completeJunctor(junctor: JsonSchema, schema: JsonSchema | undefined, paths: PathPair): FieldError[] {
  if (schema === undefined) return [required(paths.structural, `because it is defined in ${paths.junctor}`)];
  const descend = (
    child: JsonSchema | undefined,
    outside: JsonSchema | undefined,
    segment: string,
  ): FieldError[] =>
    child === undefined
      ? []
      : completeJunctor(child, outside, {
          structural: `${paths.structural}.${segment}`,
          junctor: `${paths.junctor}.${segment}`,
        });
  return [
    ...junctorsOf(junctor).flatMap(([segment, child]) =>
      completeJunctor(child, schema, { ...paths, junctor: `${paths.junctor}.${segment}` }),
    ),
    ...descend(itemSchema(junctor), itemSchema(schema), "items"),
    ...Object.entries(junctor.properties ?? {}).flatMap(([key, child]) =>
      descend(child, propertySchema(schema, key), `properties[${key}]`),
    ),
  ];
}

function validateJunctor(schema: JsonSchema, path: string, skipAnyOf: boolean): FieldError[] {
  const errors = validatePattern(schema, path);
  for (const [segment, child] of junctorsOf(schema)) {
    if (skipAnyOf && segment.startsWith("anyOf")) continue;
    errors.push(...validateJunctor(child, `${path}.${segment}`, false));
  }
  const items = itemSchema(schema);
  if (items !== undefined) errors.push(...validateJunctor(items, `${path}.items`, false));
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    errors.push(...validateJunctor(property, `${path}.properties[${key}]`, false));
  }
  for (const [key, state] of forbiddenInJunctor) {
    if (!isUnset(key, schema[key], state)) {
      errors.push(forbidden(`${path}.${key}`, `must be ${state} to be structural`));
    }
  }
  if (propertySchema(schema, "metadata") !== undefined) {
    errors.push(forbidden(`${path}.properties[metadata]`, "must not be specified in a nested context"));
  }
  return errors;
}

function isUnset(key: string, value: unknown, state: "empty" | "undefined" | "false"): boolean {
  if (value === undefined || value === null) return true;
  if (key === "additionalProperties") return value === false;
  if (state === "false") return value === false;
  return state === "empty" && (value === "" || (Array.isArray(value) && value.length === 0));
}

function validatePattern({ pattern }: JsonSchema, path: string): FieldError[] {
  if (pattern === undefined || pattern === "") return [];
  try {
    compileRegex(pattern);
    return [];
  } catch (error) {
    const detail = `must be a valid regular expression, but isn't: ${(error as Error).message}`;
    return [invalid(`${path}.pattern`, pattern, detail)];
  }
}

function isIntegerOrString(branches: readonly JsonSchema[] | undefined): boolean {
  const plain = (branches ?? []).map((branch) =>
    Object.keys(branch).length === 1 ? branch.type : undefined,
  );
  return plain.length === 2 && plain[0] === "integer" && plain[1] === "string";
}
