import { invalid, notSupported, required, type FieldError } from "./field-error.ts";
import type { JsonSchema, ValidationRule } from "./json-schema.ts";
import { unsupportedReason } from "./structural-form.ts";
import { additionalSchema, itemSchema, propertySchema } from "./prune.ts";

const reasons: readonly string[] = [
  "FieldValueDuplicate",
  "FieldValueForbidden",
  "FieldValueInvalid",
  "FieldValueRequired",
];

/** Checks the members of `x-kubernetes-validations` everywhere in a schema; compiling is `compileRules`. */
export function validateRuleFields(schema: JsonSchema, path: string): FieldError[] {
  const errors = (schema["x-kubernetes-validations"] ?? []).flatMap((rule, index) =>
    validateRule(rule, schema, `${path}.x-kubernetes-validations[${index}]`),
  );
  const items = itemSchema(schema);
  const additional = additionalSchema(schema);
  if (items !== undefined) errors.push(...validateRuleFields(items, `${path}.items`));
  if (additional !== undefined)
    errors.push(...validateRuleFields(additional, `${path}.additionalProperties`));
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    errors.push(...validateRuleFields(property, `${path}.properties[${key}]`));
  }
  return errors;
}

function validateRule(rule: ValidationRule, schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const text = rule.rule ?? "";
  const message = rule.message ?? "";
  const fieldPath = rule.fieldPath ?? "";
  if (text.trim() === "") errors.push(required(`${path}.rule`, "rule is not specified"));
  else if (message !== "" && message.trim() === "") {
    errors.push(invalid(`${path}.message`, message, "message must be non-empty if specified"));
  } else if (message.trim().includes("\n")) {
    errors.push(invalid(`${path}.message`, message, "message must not contain line breaks"));
  } else if (text.trim().includes("\n") && message.trim() === "") {
    errors.push(required(`${path}.message`, "message must be specified if rule contains line breaks"));
  }
  if (
    rule.messageExpression !== undefined &&
    rule.messageExpression !== "" &&
    rule.messageExpression.trim() === ""
  ) {
    errors.push(required(`${path}.messageExpression`, "messageExpression must be non-empty if specified"));
  }
  if (rule.reason !== undefined && !reasons.includes(rule.reason)) {
    errors.push(notSupported(`${path}.reason`, rule.reason, reasons));
  }
  if (fieldPath !== "" && fieldPath.trim() === "") {
    errors.push(invalid(`${path}.fieldPath`, fieldPath, "fieldPath must be non-empty if specified"));
  }
  if (fieldPath.includes("\n")) {
    errors.push(invalid(`${path}.fieldPath`, fieldPath, "fieldPath must not contain line breaks"));
  }
  if (fieldPath !== "" && unsupportedReason(schema) === undefined && !leadsToField(fieldPath, schema)) {
    errors.push(invalid(`${path}.fieldPath`, fieldPath, "fieldPath must be a valid path"));
  }
  return errors;
}

/** Whether a path such as `.a['b.c']` names a field of the schema. */
function leadsToField(path: string, schema: JsonSchema): boolean {
  if (path === "") return true;
  const step = /^(?:\.([^.[\]]+|[.[\]])|\['((?:[^'\\]|\\['\\abfnrtv"])*)'\])/.exec(path);
  if (step === null) return false;
  const name = step[1] ?? step[2]!.replaceAll(/\\(.)/g, "$1");
  const hasProperties = Object.keys(schema.properties ?? {}).length > 0;
  const field = hasProperties ? propertySchema(schema, name) : additionalSchema(schema);
  const rest = path.slice(step[0].length);
  if (field !== undefined) return leadsToField(rest, field);
  // Fields of a map without a schema can be named, but nothing inside of them.
  return !hasProperties && schema.additionalProperties !== undefined && rest === "";
}
