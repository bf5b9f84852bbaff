import { SchemaError } from "./errors.ts";
import { goFormatValue, goType } from "./go-format.ts";
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
  const steps = parseJsonPath(`.${match[1] ?? match[2]}`);
  const found = walk(steps, [value]);
  // A loop without end prints nothing, which Go then reads as JSON.
  if (steps.some((step) => step.kind === "identifier")) throw fail("unexpected end of JSON input");
  return found;
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
      return takeSlices(step, input);
    case "union":
      return step.paths.flatMap((path) => walk(path, input));
    case "filter":
      return input.flatMap((value) => takeFilter(step, value));
    case "literal":
      return typeof step.value === "string" ? [step.value] : input.map(() => step.value);
    default:
      if (step.name === "range") return [...input];
      throw fail(
        step.name === "end" ? "not in range, nothing to end" : `unrecognized identifier ${step.name}`,
      );
  }
}

function takeField(name: string, input: readonly JsonValue[]): JsonValue[] {
  const found = input.flatMap((value) =>
    isJsonObject(value) && Object.hasOwn(value, name) ? [value[name]!] : [],
  );
  if (found.length === 0 && input.length > 0) throw fail(`${name} is not found`);
  return found;
}

/** Texts have bytes for children. */
function children(value: JsonValue): JsonValue[] {
  if (typeof value === "string") return [...Buffer.from(value)];
  if (Array.isArray(value)) return value;
  if (!isJsonObject(value)) return [];
  return Object.keys(value)
    .toSorted(compareBytes)
    .map((key) => value[key]!);
}

/** A value that has children, and all such values below it. */
function descend(value: JsonValue): JsonValue[] {
  if (typeof value === "string") return value === "" ? [] : [value];
  const below = children(value);
  return below.length === 0 ? [] : [value, ...below.flatMap(descend)];
}

type SliceStep = Extract<JsonPathStep, { kind: "slice" }>;

/** An empty slice ends the step, and values behind it are not looked at. */
function takeSlices(step: SliceStep, input: readonly JsonValue[]): JsonValue[] {
  const taken: JsonValue[] = [];
  for (const value of input) {
    if (value === null) continue;
    const items = takeSlice(step, value);
    if (items === undefined) break;
    taken.push(...items);
  }
  return taken;
}

function takeSlice({ from, to, step = 1 }: SliceStep, value: JsonValue): JsonValue[] | undefined {
  if (!Array.isArray(value)) throw fail(`${goType(value)} is not array or slice`);
  const { length } = value;
  const start = from.value < 0 ? from.value + length : from.value;
  const fromEnd = to.value < 0 || (to.value === 0 && to.derived);
  const end = to.known ? (fromEnd ? to.value + length : to.value) : length;
  if (start === end) return undefined;
  if (start < 0 || start >= length) throw outOfBounds(start, length);
  if (end < 0 || end > length) throw outOfBounds(end - 1, length);
  if (start > end) throw fail(`starting index ${start} is greater than ending index ${end}`);
  if (step <= 0) throw fail("step must be > 0");
  return value.slice(start, end).filter((_, index) => index % step === 0);
}

function takeFilter(filter: JsonPathFilter, value: JsonValue): JsonValue[] {
  if (!Array.isArray(value))
    throw fail(`${goFormatValue(value)} is not array or slice and cannot be filtered`);
  return value.filter((item) => (filter.operator === "exists" ? exists(filter, item) : passes(filter, item)));
}

/** Go ignores errors here, and looks at what the failing step gave beside its error: an absent field nothing, others their input. */
function exists({ left }: JsonPathFilter, item: JsonValue): boolean {
  let values: JsonValue[] = [item];
  for (const step of left) {
    try {
      values = take(step, values);
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      return step.kind !== "field" && values.length > 0;
    }
  }
  return values.length > 0;
}

function passes({ left, operator, right }: JsonPathFilter, item: JsonValue): boolean {
  const a = evaluateSide(left, item);
  const b = a === undefined ? undefined : evaluateSide(right, item);
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

interface Operand {
  readonly value: JsonValue;
  readonly type: string;
}

function evaluateSide(steps: readonly JsonPathStep[], item: JsonValue): Operand | undefined {
  const [value, ...more] = walk(steps, [item]);
  if (value === undefined) return undefined;
  if (more.length > 0) throw fail("can only compare one element at a time");
  const last = steps.at(-1);
  return { value, type: last?.kind === "literal" && last.isFloat === true ? "float64" : goType(value) };
}

function compareOrdered(a: Operand, b: Operand): number {
  const order = compare(a, b);
  if (a.type === "bool") throw fail("invalid type for comparison");
  return order;
}

/** Only scalars of the same Go type compare. */
function compare(a: Operand, b: Operand): number {
  if ([a, b].some(({ type }) => !["bool", "int64", "float64", "string"].includes(type))) {
    throw fail("invalid type for comparison");
  }
  if (a.type !== b.type) throw fail("incompatible types for comparison");
  if (typeof a.value === "string") return compareBytes(a.value, b.value as string);
  return Number(a.value) - Number(b.value);
}

function outOfBounds(index: number, length: number): SchemaError {
  return fail(`array index out of bounds: index ${index}, length ${length}`);
}

function fail(message: string): SchemaError {
  return new SchemaError("json-path-not-found", message);
}
