import { invalid } from "./field-error.ts";
import { goQuote } from "./go-quote.ts";
import type { JsonSchema } from "./json-schema.ts";
import { addError, mergeResult, newResult, type SchemaResult } from "./schema-result.ts";

/**
 * Validates `anyOf`, `oneOf`, `allOf` and `not`. The findings about the junctor itself are always
 * reported at the root, only their text names the field.
 */
export function validateJunctors(
  schema: JsonSchema,
  name: string,
  root: string,
  validate: (branch: JsonSchema) => SchemaResult,
): SchemaResult {
  const total = newResult();
  const report = (rule: string): void => addError(total, invalid(root, "", `${goQuote(name)} ${rule}`));

  const anyOf = schema.anyOf ?? [];
  if (anyOf.length > 0) {
    const results = untilValid(anyOf, validate);
    const valid = results.find(isValid);
    if (valid === undefined) report("must validate at least one schema (anyOf)");
    mergeResult(total, valid ?? bestFailure(results));
  }

  const oneOf = schema.oneOf ?? [];
  if (oneOf.length > 0) {
    const results = oneOf.map(validate);
    const valid = results.filter(isValid);
    if (valid.length === 1) mergeResult(total, valid[0]!);
    else {
      const found = valid.length === 0 ? "Found none valid" : `Found ${valid.length} valid alternatives`;
      report(`must validate one and only one schema (oneOf). ${found}`);
      if (valid.length === 0) mergeResult(total, bestFailure(results));
    }
  }

  const allOf = schema.allOf ?? [];
  if (allOf.length > 0) {
    const results = allOf.map(validate);
    for (const result of results) mergeResult(total, result);
    const valid = results.filter(isValid).length;
    if (valid < allOf.length) {
      report(`must validate all the schemas (allOf)${valid === 0 ? ". None validated" : ""}`);
    }
  }

  if (schema.not !== undefined && isValid(validate(schema.not))) report("must not validate the schema (not)");
  total.matches++;
  return total;
}

function isValid(result: SchemaResult): boolean {
  return result.errors.size === 0;
}

function untilValid(
  branches: readonly JsonSchema[],
  validate: (branch: JsonSchema) => SchemaResult,
): SchemaResult[] {
  const results: SchemaResult[] = [];
  for (const branch of branches) {
    const result = validate(branch);
    results.push(result);
    if (isValid(result)) break;
  }
  return results;
}

/** The first of the failures with most checks passed. */
function bestFailure(results: readonly SchemaResult[]): SchemaResult {
  return results.reduce((best, result) => (result.matches > best.matches ? result : best));
}
