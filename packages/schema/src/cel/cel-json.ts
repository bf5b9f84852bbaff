import { isJsonObject, type JsonValue } from "../json-value.ts";
import { CelMap, type CelValue } from "./cel-value.ts";

/** How JSON numbers become CEL numbers. */
export interface CelJsonOptions {
  /** `exact`: integral numbers become ints. `double`: every number becomes a double. */
  readonly numbers: "exact" | "double";
}

/**
 * A JSON value as a dynamic CEL value. A Number object is a double whatever its value: so a caller can keep `2.0` apart
 * from `2`, as Go does. No API server hands out such numbers.
 */
// oxlint-disable-next-line no-wrapper-object-types
export function celFromJson(value: JsonValue | Number, options: CelJsonOptions): CelValue {
  // oxlint-disable-next-line no-instanceof-builtins
  if (value instanceof Number) return value.valueOf();
  if (typeof value === "number") {
    const isInt = options.numbers === "exact" && Number.isInteger(value) && Math.abs(value) < 2 ** 63;
    return isInt ? BigInt(value) : value;
  }
  if (typeof value === "bigint") return options.numbers === "exact" ? value : Number(value);
  if (Array.isArray(value)) return value.map((item) => celFromJson(item, options));
  if (isJsonObject(value)) {
    return new CelMap(Object.entries(value).map(([key, item]) => [key, celFromJson(item, options)] as const));
  }
  return value;
}
