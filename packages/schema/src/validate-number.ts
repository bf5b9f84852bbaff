import { invalid } from "./field-error.ts";
import { goFloat } from "./go-float.ts";
import type { JsonSchema } from "./json-schema.ts";
import { addError, newResult, type SchemaResult } from "./schema-result.ts";
import { declared, fieldPath, invalidValue, isInt64, isNumberFormat, type Validation } from "./validation.ts";

/** A number, how Go has it, and what there is to say about it. */
interface Checked {
  readonly value: number | bigint;
  /** Go has an int64. */
  readonly isInteger: boolean;
  /** Reports that the value breaks a rule with a limit. */
  fail(rule: string, limit: number | bigint): void;
}

/** Validates range of type and format, `multipleOf`, `maximum` and `minimum` of a number. */
export function validateNumber(
  validation: Validation,
  schema: JsonSchema,
  value: number | bigint,
  name: string,
): SchemaResult {
  const result = newResult();
  const { multipleOf, maximum, minimum } = schema;
  /** Whether a number has the schema's type; that it has not is told at the root, since no field is named. */
  const isInRange = (number: number | bigint, prefix: string): boolean => {
    const problem = rangeProblem(schema, validation, number);
    if (problem === undefined) return true;
    addError(result, invalid(validation.root, "", `${prefix} value must be of type ${problem} in ${name}`));
    return false;
  };
  const checked: Checked = {
    value,
    isInteger: isInt64(validation, value),
    fail: (rule, limit) => {
      const error = invalidValue(validation, name, value, `${rule} ${numberText(limit)}`);
      // Compared with a float64, the value is one, too.
      addError(result, typeof limit === "number" ? { ...error, valueText: goFloat(Number(value)) } : error);
    },
  };
  isInRange(value, "Checked");
  if (multipleOf !== undefined) {
    const factor = native(checked, multipleOf, isInRange(multipleOf, "MultipleOf"));
    if (factor <= 0) {
      const detail = `factor MultipleOf declared for ${name} must be positive: ${numberText(factor)}`;
      const error = invalid(fieldPath(validation, name), factor, detail);
      addError(result, { ...error, valueText: numberText(factor) });
    } else if (!isMultiple(value, factor)) {
      checked.fail("should be a multiple of", factor);
    }
  }
  if (maximum !== undefined) {
    const limit = native(checked, maximum, isInRange(maximum, "Maximum boundary"));
    const exclusive = schema.exclusiveMaximum === true;
    if (exclusive ? value >= limit : value > limit) {
      checked.fail(`should be less than${exclusive ? "" : " or equal to"}`, limit);
    }
  }
  if (minimum !== undefined) {
    const limit = native(checked, minimum, isInRange(minimum, "Minimum boundary"));
    const exclusive = schema.exclusiveMinimum === true;
    if (exclusive ? value <= limit : value < limit) {
      checked.fail(`should be greater than${exclusive ? "" : " or equal to"}`, limit);
    }
  }
  result.matches++;
  return result;
}

/** The number of a rule as Go compares it: an integer is compared with an integer, whatever that cuts off. */
function native({ isInteger }: Checked, limit: number, inRange: boolean): number | bigint {
  if (!isInteger || !inRange) return limit;
  // Beyond 64 bits the conversion gives the least integer.
  return Math.abs(limit) < 2 ** 63 ? BigInt(Math.trunc(limit)) : -(2n ** 63n);
}

function numberText(value: number | bigint): string {
  return typeof value === "bigint" ? String(value) : goFloat(value);
}

function rangeProblem(
  schema: JsonSchema,
  validation: Validation,
  value: number | bigint,
): string | undefined {
  const { types, format: written } = declared(schema, validation);
  const type = types.length === 1 ? types[0]! : "";
  const format = isNumberFormat(type, written) ? written : "";
  if (type === "integer") {
    const limit = format === "int32" ? 2 ** 31 : 2 ** 63;
    const integral = typeof value === "bigint" || Number.isInteger(value);
    if (integral && value >= -limit && value < limit) return undefined;
  } else if (format !== "float" || Math.abs(Number(value)) <= 3.4028234663852886e38) {
    return undefined;
  }
  return format === "" ? `${type} (default format)` : `${type} with format ${format}`;
}

function isMultiple(value: number | bigint, factor: number | bigint): boolean {
  if (typeof factor === "bigint") return BigInt(value) % factor === 0n;
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
