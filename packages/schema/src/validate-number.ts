import { invalid } from "./field-error.ts";
import { goFloat } from "./go-float.ts";
import type { JsonSchema } from "./json-schema.ts";
import { addError, newResult, type SchemaResult } from "./schema-result.ts";
import { declared, fieldPath, invalidValue, type Validation } from "./validation.ts";

/** Validates range of type and format, `multipleOf`, `maximum` and `minimum` of a number. */
export function validateNumber(
  validation: Validation,
  schema: JsonSchema,
  value: number | bigint,
  name: string,
): SchemaResult {
  const result = newResult();
  const fail = (rule: string): void => addError(result, invalidValue(validation, name, value, rule));
  const checkRange = (number: number | bigint, prefix: string): void => {
    const problem = rangeProblem(schema, number);
    // Findings about the range name no field, so they are reported at the root.
    if (problem !== undefined) {
      addError(result, invalid(validation.root, "", `${prefix} value must be of type ${problem} in ${name}`));
    }
  };
  checkRange(value, "Checked");
  const { multipleOf, maximum, minimum } = schema;
  if (multipleOf !== undefined) {
    checkRange(multipleOf, "MultipleOf");
    if (multipleOf <= 0) {
      const detail = `factor MultipleOf declared for ${name} must be positive: ${goFloat(multipleOf)}`;
      addError(result, {
        ...invalid(fieldPath(validation, name), multipleOf, detail),
        valueText: goFloat(multipleOf),
      });
    } else if (!isMultiple(value, multipleOf)) fail(`should be a multiple of ${goFloat(multipleOf)}`);
  }
  if (maximum !== undefined) {
    checkRange(maximum, "Maximum boundary");
    const exclusive = schema.exclusiveMaximum === true;
    if (exclusive ? value >= maximum : value > maximum) {
      fail(`should be less than ${exclusive ? "" : "or equal to "}${goFloat(maximum)}`);
    }
  }
  if (minimum !== undefined) {
    checkRange(minimum, "Minimum boundary");
    const exclusive = schema.exclusiveMinimum === true;
    if (exclusive ? value <= minimum : value < minimum) {
      fail(`should be greater than ${exclusive ? "" : "or equal to "}${goFloat(minimum)}`);
    }
  }
  result.matches++;
  return result;
}

function rangeProblem(schema: JsonSchema, value: number | bigint): string | undefined {
  const { types, format } = declared(schema);
  const type = types[0] ?? "";
  if (type === "integer") {
    const limit = format === "int32" ? 2 ** 31 : 2 ** 63;
    const integral = typeof value === "bigint" || Number.isInteger(value);
    if (integral && value >= -limit && value < limit) return undefined;
  } else if (format !== "float" || Math.abs(Number(value)) <= 3.4028234663852886e38) {
    return undefined;
  }
  return format === "" ? `${type} (default format)` : `${type} with format ${format}`;
}

function isMultiple(value: number | bigint, factor: number): boolean {
  if (Number.isInteger(factor) && (typeof value === "bigint" || Number.isSafeInteger(value))) {
    return BigInt(value) % BigInt(factor) === 0n;
  }
  const quotient = factor < 1 ? (1 / factor) * Number(value) : Number(value) / factor;
  return isNearlyInteger(quotient);
}

/** go-openapi's notion: within 53 bits, with a relative error below 1e-9. */
function isNearlyInteger(value: number): boolean {
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) return false;
  const truncated = Math.trunc(value);
  if (truncated === value) return true;
  if (truncated === 0) return false;
  return Math.abs(value - truncated) / (Math.abs(value) + Math.abs(truncated)) < 1e-9;
}
