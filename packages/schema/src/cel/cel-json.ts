import { isJsonObject, type JsonValue } from "../json-value.ts";
import { CelMap, type CelValue } from "./cel-value.ts";

/** How JSON numbers become CEL numbers. */
export interface CelJsonOptions {
  /** `exact`: integral numbers become ints. `double`: every number becomes a double. */
  readonly numbers: "exact" | "double";
}

/** A JSON value as a dynamic CEL value. */
export function celFromJson(value: JsonValue, options: CelJsonOptions): CelValue {
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
