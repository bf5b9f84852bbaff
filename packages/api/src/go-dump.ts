import type { EmbeddedObject, JsonValue } from "./object.ts";

// Kubernetes' hash helper prints a typed value with go-spew (`%#v`, keys sorted, methods off) and hashes that text. The
// functions here print that text; type names and field order belong to what is hashed, see hash-text.ts.

/** A value that Go has as nil. */
export type Absent = null | undefined;

/** `{Field:value Field:value}`, every field in the order given. */
export function dumpStruct(fields: Readonly<Record<string, string>>): string {
  const entries = Object.entries(fields).map(([name, value]) => `${name}:${value}`);
  return `{${entries.join(" ")}}`;
}

/** `(type)[a b c]`; an absent list differs from an empty one. */
export function dumpList<T>(
  type: string,
  items: readonly T[] | Absent,
  element: (item: T) => string,
): string {
  return items == null ? `(${type})<nil>` : `(${type})[${items.map(element).join(" ")}]`;
}

/** `(*type){...}`. */
export function dumpPointer<T>(type: string, value: T | Absent, body: (value: T) => string): string {
  return value == null ? `(*${type})<nil>` : `(*${type})${body(value)}`;
}

/** A string of a named type; Go has no absent strings. */
export function dumpString(value: string | Absent, type = "string"): string {
  return `(${type})${value ?? ""}`;
}

/** `map[k:v k:v]` with string values. */
export function dumpStringMap(value: Readonly<Record<string, string>> | Absent): string {
  if (value == null) return "(map[string]string)<nil>";
  return `(map[string]string)${dumpEntries(value, (text) => text)}`;
}

/** Any JSON value, as `unstructured.Unstructured` holds it. */
// oxlint-disable-next-line no-wrapper-object-types -- see below
export function dumpJson(value: JsonValue | EmbeddedObject | Number | undefined): string {
  // A Number object is a float64 whatever its value: Go keeps 1.0 apart from 1. No API server hands out the former.
  // oxlint-disable-next-line no-instanceof-builtins
  if (value instanceof Number) return `(float64)${formatFloat(value.valueOf())}`;
  if (value == null) return "(interface {})<nil>";
  if (Array.isArray(value)) return dumpList("[]interface {}", value, dumpJson);
  switch (typeof value) {
    case "object":
      return `(map[string]interface {})${dumpEntries<JsonValue | undefined>(value, dumpJson)}`;
    case "string":
      return dumpString(value);
    case "boolean":
      return `(bool)${String(value)}`;
    default:
      return dumpNumber(value);
  }
}

function dumpEntries<T>(map: Readonly<Record<string, T>>, dump: (value: T) => string): string {
  const entries = Object.entries(map).filter(([, value]) => value !== undefined);
  entries.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `map[${entries.map(([key, value]) => `${key}:${dump(value)}`).join(" ")}]`;
}

const largestInt64 = 2n ** 63n - 1n;

/** Integers that fit are int64, every other number is a float64. */
function dumpNumber(value: number | bigint): string {
  if (typeof value === "bigint" || Number.isInteger(value)) {
    const integer = BigInt(value);
    if (integer >= -largestInt64 - 1n && integer <= largestInt64) return `(int64)${String(integer)}`;
  }
  return `(float64)${formatFloat(Number(value))}`;
}

/** The fewest digits that mean this number; in exponent form below 1e-4 and from 1e6 on. */
function formatFloat(value: number): string {
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  if (Number(exponent) >= -4 && Number(exponent) < 6) return String(value);
  return `${mantissa}e${exponent.charAt(0)}${exponent.slice(1).padStart(2, "0")}`;
}
