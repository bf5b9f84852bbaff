import { goFloat } from "./go-float.ts";
import { compareBytes } from "./json-text.ts";
import { isJsonObject, type JsonValue } from "./json-value.ts";

/** What Go's `%s` makes of a decoded JSON value: text as it is, anything else with its type. */
export function goFormatString(value: JsonValue): string {
  if (typeof value === "string") return value;
  if (value === null) return "%!s(<nil>)";
  if (typeof value === "boolean") return `%!s(bool=${value})`;
  if (typeof value === "bigint") return `%!s(int64=${value})`;
  if (typeof value === "number") {
    return Number.isInteger(value) ? `%!s(int64=${value})` : `%!s(float64=${goFloat(value)})`;
  }
  if (isJsonObject(value)) {
    const keys = Object.keys(value).toSorted(compareBytes);
    return `map[${keys.map((key) => `${key}:${goFormatString(value[key]!)}`).join(" ")}]`;
  }
  return `[${value.map((item) => goFormatString(item)).join(" ")}]`;
}
