import { validateDefaults } from "./structural-defaults.ts";
import { forbidden, formatFieldError, invalid, required, type FieldError } from "./field-error.ts";
import { compareBytes } from "./json-text.ts";
import type { JsonSchema } from "./json-schema.ts";
import { validateKeywords } from "./structural-keywords.ts";
import { validateRuleFields } from "./structural-rules.ts";
import { additionalSchema, itemSchema } from "./prune.ts";
import { unsupportedReason } from "./structural-form.ts";
import { validateCompleteness, validateValueRules } from "./structural-nested.ts";

/**
 * Validates a schema against the rules for structural schemas of CRDs (apiextensions.k8s.io/v1):
 * structure first, then defaults and rules, then forbidden keywords and list types.
 *
 * @param path Field path of the schema, such as `spec.config.openAPIV3Schema`.
 * @returns Field errors sorted by text.
 */
export function validateStructural(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.nullable === true)
    errors.push(forbidden(`${path}.nullable`, "nullable cannot be true at the root"));
  const unusable = unsupportedReason(schema);
  if (unusable === undefined) {
    const found = [...validateInvariants(schema, "root", path), ...validateCompleteness(schema, path)];
    // Defaults are looked at only where they are.
    errors.push(...(found.length > 0 ? found : validateDefaults(schema, path)));
  }
  errors.push(...validateKeywords(schema, path), ...validateRuleFields(schema, path));
  // Most unusable keywords have a better error of their own by now.
  if (errors.length === 0 && unusable !== undefined) {
    errors.push(invalid(path, "", unusable));
  }
  const unique = new Map(errors.map((error) => [formatFieldError(error), error]));
  return [...unique].toSorted(([a], [b]) => compareBytes(a, b)).map(([, error]) => error);
}

type Level = "root" | "item" | "field";

const missingType: Record<Level, string> = {
  root: "must not be empty at the root",
  item: "must not be empty for specified array items",
  field: "must not be empty for specified object fields",
};

function validateInvariants(schema: JsonSchema, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const items = itemSchema(schema);
  const additional = additionalSchema(schema);
  const properties = schema.properties ?? {};
  if (items !== undefined) errors.push(...validateInvariants(items, "item", `${path}.items`));
  for (const [key, property] of Object.entries(properties)) {
    errors.push(...validateInvariants(property, "field", `${path}.properties[${key}]`));
  }
  if (additional !== undefined) {
    errors.push(...validateInvariants(additional, "field", `${path}.additionalProperties`));
  }
  if (schema.additionalProperties !== undefined && level === "root") {
    errors.push(forbidden(`${path}.additionalProperties`, "must not be used at the root"));
  }
  if (schema.type === "array" && schema.items === undefined) {
    errors.push(required(`${path}.items`, "must be specified"));
  }
  errors.push(...validateExtensions(schema, path), ...validateValueRules(schema, path));
  errors.push(...validateType(schema, level, path));
  if (level === "root" || schema["x-kubernetes-embedded-resource"] === true) {
    errors.push(...validateMetaFields(properties, level, path));
  }
  return errors;
}

function validateType(schema: JsonSchema, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const type = schema.type ?? "";
  const embedded = schema["x-kubernetes-embedded-resource"] === true;
  const preserve = schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (embedded && type !== "object") {
    const detail = "must be object if x-kubernetes-embedded-resource is true";
    errors.push(type === "" ? required(`${path}.type`, detail) : invalid(`${path}.type`, type, detail));
  } else if (type === "" && schema["x-kubernetes-int-or-string"] !== true && !preserve) {
    errors.push(required(`${path}.type`, missingType[level]));
  }
  if (level === "root" && type !== "" && type !== "object") {
    errors.push(invalid(`${path}.type`, type, "must be object at the root"));
  }
  if (embedded && schema.additionalProperties !== undefined) {
    const detail = "must not be used if x-kubernetes-embedded-resource is set";
    errors.push(forbidden(`${path}.additionalProperties`, detail));
  }
  if (embedded && !preserve && Object.keys(schema.properties ?? {}).length === 0) {
    const detail =
      "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
    errors.push(required(`${path}.properties`, detail));
  }
  return errors;
}

/** The fields that every Kubernetes object has may be restricted only a little. */
function validateMetaFields(
  properties: Readonly<Record<string, JsonSchema>>,
  level: Level,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const checkType = (key: string, type: string): void => {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (property !== undefined && property.type !== type) {
      errors.push(invalid(`${path}.properties[${key}].type`, property.type ?? "", `must be ${type}`));
    }
  };
  checkType("kind", "string");
  checkType("apiVersion", "string");
  checkType("metadata", "object");
  const metadata = properties["metadata"];
  if (level === "root" && metadata !== undefined && specifiesMore(metadata)) {
    const detail =
      "must not specify anything other than name and generateName, but metadata is implicitly specified";
    errors.push(forbidden(`${path}.properties[metadata]`, detail));
  }
  return errors;
}

function specifiesMore({ type: _type, default: _default, properties = {}, ...rest }: JsonSchema): boolean {
  const others = Object.keys(properties).filter((key) => key !== "name" && key !== "generateName");
  return others.length > 0 || Object.values(rest).some((value) => value !== false && value !== "");
}

function validateExtensions(schema: JsonSchema, path: string): FieldError[] {
  if (schema["x-kubernetes-int-or-string"] !== true) return [];
  const clashing = ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] as const;
  return clashing
    .filter((key) => schema[key] === true)
    .map((key) => invalid(`${path}.${key}`, true, "must be false if x-kubernetes-int-or-string is true"));
}
