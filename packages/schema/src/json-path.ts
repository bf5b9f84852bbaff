import { SchemaError } from "./errors.ts";
import { compareBytes } from "./json-text.ts";
import { parseJsonPath, type JsonPathFilter, type JsonPathStep } from "./json-path-parser.ts";
import { isJsonObject, type JsonValue } from "./json-value.ts";

/**
 * All values a kubectl JSONPath finds, in order; fields of maps are visited by name.
 *
 * @param path `a.b`, `.a.b`, `{a.b}` or `{.a.b}`.
 * @throws SchemaError `invalid-json-path` for text that is no path, `json-path-not-found` when a step
 * finds nothing or does not fit the value; both with the texts of `k8s.io/client-go/util/jsonpath`.
 */
export function findJsonPath(path: string, value: JsonValue): JsonValue[] {
  const match = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/.exec(path);
  if (match === null) {
    throw new SchemaError(
      "invalid-json-path",
      "path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
    );
  }
  return walk(parseJsonPath(`.${match[1] ?? match[2]}`), [value]);
}

function walk(steps: readonly JsonPathStep[], input: readonly JsonValue[]): JsonValue[] {
  return steps.reduce<JsonValue[]>((values, step) => take(step, values), [...input]);
}

function take(step: JsonPathStep, input: readonly JsonValue[]): JsonValue[] {
  switch (step.kind) {
    case "field":
      return takeField(step.name, input);
    case "wildcard":
      return input.flatMap(children);
    case "recursive":
      return input.flatMap(descend);
    case "slice":
      return input.flatMap((value) => takeSlice(step, value));
    case "union":
      return step.paths.flatMap((path) => walk(path, input));
    case "filter":
      return input.flatMap((value) => takeFilter(step, value));
    case "literal":
      return typeof step.value === "string" ? [step.value] : input.map(() => step.value);
    default:
      throw fail(`unrecognized identifier ${step.name}`);
  }
}

function takeField(name: string, input: readonly JsonValue[]): JsonValue[] {
  const found = input.flatMap((value) =>
    isJsonObject(value) && Object.hasOwn(value, name) ? [value[name]!] : [],
  );
  if (found.length === 0 && input.length > 0) throw fail(`${name} is not found`);
  return found;
}

function children(value: JsonValue): JsonValue[] {
  if (Array.isArray(value)) return value;
  if (!isJsonObject(value)) return [];
  return Object.keys(value)
    .toSorted(compareBytes)
    .map((key) => value[key]!);
}

/** A value that has children, and all such values below it. */
function descend(value: JsonValue): JsonValue[] {
  const below = children(value);
  return below.length === 0 ? [] : [value, ...below.flatMap(descend)];
}

function takeSlice(
  { from, to, step = 1 }: Extract<JsonPathStep, { kind: "slice" }>,
  value: JsonValue,
): JsonValue[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw fail(`${goType(value)} is not array or slice`);
  const { length } = value;
  const start = from.value < 0 ? from.value + length : from.value;
  const fromEnd = to.value < 0 || (to.value === 0 && to.derived);
  const end = to.known ? (fromEnd ? to.value + length : to.value) : length;
  if (start === end) return [];
  if (start < 0 || start >= length) throw outOfBounds(start, length);
  if (end < 0 || end > length) throw outOfBounds(end - 1, length);
  if (start > end) throw fail(`starting index ${start} is greater than ending index ${end}`);
  if (step <= 0) throw fail("step must be > 0");
  return value.slice(start, end).filter((_, index) => index % step === 0);
}

function takeFilter(filter: JsonPathFilter, value: JsonValue): JsonValue[] {
  if (!Array.isArray(value)) throw fail(`${goType(value)} is not array or slice and cannot be filtered`);
  return value.filter((item) => (filter.operator === "exists" ? exists(filter, item) : passes(filter, item)));
}

function exists({ left }: JsonPathFilter, item: JsonValue): boolean {
  try {
    return walk(left, [item]).length > 0;
  } catch (error) {
    if (error instanceof SchemaError) return false;
    throw error;
  }
}

function passes({ left, operator, right }: JsonPathFilter, item: JsonValue): boolean {
  const sides = [walk(left, [item]), walk(right, [item])];
  if (sides.some((side) => side.length > 1)) throw fail("can only compare one element at a time");
  const [a, b] = sides.map(([value]) => value);
  if (a === undefined || b === undefined) return false;
  switch (operator) {
    case "==":
      return compare(a, b) === 0;
    case "!=":
      return compare(a, b) !== 0;
    case "<":
      return compareOrdered(a, b) < 0;
    case "<=":
      return compareOrdered(a, b) <= 0;
    case ">":
      return compareOrdered(a, b) > 0;
    case ">=":
      return compareOrdered(a, b) >= 0;
    default:
      throw fail(`unrecognized filter operator ${operator}`);
  }
}

function compareOrdered(a: JsonValue, b: JsonValue): number {
  if (typeof a === "boolean") throw fail("invalid type for comparison");
  return compare(a, b);
}

/** Only scalars of the same Go type compare. */
function compare(a: JsonValue, b: JsonValue): number {
  const types = [a, b].map(goType);
  if (types.some((type) => !["bool", "int64", "float64", "string"].includes(type))) {
    throw fail("invalid type for comparison");
  }
  if (types[0] !== types[1]) throw fail("incompatible types for comparison");
  if (typeof a === "string") return compareBytes(a, b as string);
  return Number(a) - Number(b);
}

function goType(value: JsonValue): string {
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return "[]interface {}";
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
      return "int64";
    case "number":
      return Number.isInteger(value) ? "int64" : "float64";
    case "string":
      return "string";
    default:
      return "map[string]interface {}";
  }
}

function outOfBounds(index: number, length: number): SchemaError {
  return fail(`array index out of bounds: index ${index}, length ${length}`);
}

function fail(message: string): SchemaError {
  return new SchemaError("json-path-not-found", message);
}
