import { goFloat } from "./go-float.ts";
import { compareBytes } from "./json-text.ts";
import { isJsonObject, type JsonValue } from "./json-value.ts";

type Scalar = null | boolean | number | bigint;

/** What Go's `%s` makes of a decoded JSON value: text as it is, anything else with its type. */
export function goFormatString(value: JsonValue): string {
  return format(value, (scalar) =>
    scalar === null ? "%!s(<nil>)" : `%!s(${goType(scalar)}=${plain(scalar)})`,
  );
}

/** What Go's `%v` makes of a decoded JSON value. */
export function goFormatValue(value: JsonValue): string {
  return format(value, (scalar) => (scalar === null ? "<nil>" : plain(scalar)));
}

/** The type that a JSON value has once Go decoded it, integers apart from other numbers. */
export function goType(value: JsonValue): string {
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return "[]interface {}";
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
    case "number":
      return isInt64(value) ? "int64" : "float64";
    case "string":
      return "string";
    default:
      return "map[string]interface {}";
  }
}

function format(value: JsonValue, scalar: (value: Scalar) => string): string {
  if (typeof value === "string") return value;
  if (isJsonObject(value)) {
    const keys = Object.keys(value).toSorted(compareBytes);
    return `map[${keys.map((key) => `${key}:${format(value[key]!, scalar)}`).join(" ")}]`;
  }
  if (Array.isArray(value)) return `[${value.map((item) => format(item, scalar)).join(" ")}]`;
  return scalar(value);
}

function plain(scalar: Exclude<Scalar, null>): string {
  return typeof scalar === "boolean" || isInt64(scalar) ? String(scalar) : goFloat(Number(scalar));
}

function isInt64(value: number | bigint): boolean {
  return typeof value === "bigint"
    ? BigInt.asIntN(64, value) === value
    : Number.isInteger(value) && Math.abs(value) < 2 ** 63;
}
