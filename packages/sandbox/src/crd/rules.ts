import type { FieldError, JsonSchema } from "@package-operator/schema";
import type { JsonObject } from "../json.ts";

/** Evaluates the CEL rules of a schema; transition rules need the old object. */
export function validateRules(
  _schema: JsonSchema,
  _object: JsonObject,
  _old: JsonObject | undefined,
): FieldError[] {
  return [];
}
