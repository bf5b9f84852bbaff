import { isJsonObject, type JsonValue } from "@package-operator/kube-yaml";
import { type Path, PathError, type PathNode, type SliceBounds } from "./node.ts";

/** All values a path leads to from `value`, in order. Throws {@link PathError}, also for a field that is not there. */
export function followPath(path: Path, value: JsonValue): JsonValue[] {
  let values = [value];
  for (const node of path) values = step(node, values);
  return values;
}

function step(node: PathNode, values: JsonValue[]): JsonValue[] {
  switch (node.kind) {
    case "field":
      return readField(node.name, values);
    case "wildcard":
      return values.flatMap(children);
    case "recursive":
      return values.flatMap(descend);
    case "slice":
      return values.filter((value) => value !== null).flatMap((value) => cut(node.bounds, value));
    case "union":
      return node.paths.flatMap((path) => {
        let found = values;
        for (const part of path) found = step(part, found);
        return found;
      });
    case "filter":
      return values.flatMap((value) => filter(node, value));
    case "identifier":
      throw new PathError(`unrecognized identifier ${node.name}`);
    default:
      return [node.value];
  }
}

function readField(name: string, values: JsonValue[]): JsonValue[] {
  const found = values.flatMap((value) =>
    isJsonObject(value) && Object.hasOwn(value, name) ? [value[name] ?? null] : [],
  );
  if (found.length === 0 && values.length > 0) throw new PathError(`${name} is not found`);
  return found;
}

/** Members in key order, as Go's order is random anyway. */
function children(value: JsonValue): JsonValue[] {
  if (Array.isArray(value)) return value;
  if (!isJsonObject(value)) return [];
  return Object.keys(value)
    .toSorted()
    .map((key) => value[key] ?? null);
}

function descend(value: JsonValue): JsonValue[] {
  const below = children(value);
  return below.length === 0 ? [] : [value, ...below.flatMap(descend)];
}

function cut({ from, to, step: given, single }: SliceBounds, value: JsonValue): JsonValue[] {
  if (!Array.isArray(value)) throw new PathError(`${goType(value)} is not array or slice`);
  const { length } = value;
  let start = from ?? 0;
  if (start < 0) start += length;
  let end = to ?? length;
  if (end < 0 || (end === 0 && single)) end += length;
  if (start === end) return [];
  const outside = (index: number) =>
    new PathError(`array index out of bounds: index ${index}, length ${length}`);
  if (start >= length || start < 0) throw outside(start);
  if (end > length || end < 0) throw outside(end - 1);
  if (start > end) throw new PathError(`starting index ${start} is greater than ending index ${end}`);
  const every = given ?? 1;
  if (every <= 0) throw new PathError("step must be > 0");
  return value.slice(start, end).filter((_item, index) => index % every === 0);
}

function filter(node: PathNode & { kind: "filter" }, value: JsonValue): JsonValue[] {
  if (!Array.isArray(value))
    throw new PathError(`${goType(value)} is not array or slice and cannot be filtered`);
  return value.filter((item) => {
    if (node.operator === "exists") return exists(node.left, item);
    const left = single(followPath(node.left, item));
    const right = single(followPath(node.right, item));
    return left !== undefined && right !== undefined && compare(left, node.operator, right);
  });
}

function exists(path: Path, item: JsonValue): boolean {
  try {
    return followPath(path, item).length > 0;
  } catch (error) {
    if (error instanceof PathError) return false;
    throw error;
  }
}

function single(values: JsonValue[]): JsonValue | undefined {
  if (values.length > 1) throw new PathError("can only compare one element at a time");
  return values[0];
}

function compare(left: JsonValue, operator: string, right: JsonValue): boolean {
  if (goType(left) !== goType(right)) throw new PathError("incompatible types for comparison");
  if (left === null || right === null || typeof left === "object" || typeof right === "object") {
    throw new PathError("invalid type for comparison");
  }
  const ordered = typeof left !== "boolean";
  if (operator === "==") return left == right;
  if (operator === "!=") return left != right;
  if (!ordered) throw new PathError("invalid type for comparison");
  if (operator === "<") return left < right;
  if (operator === ">") return left > right;
  if (operator === "<=") return left <= right;
  if (operator === ">=") return left >= right;
  throw new PathError(`unrecognized filter operator ${operator}`);
}

/** How Go calls the type of a decoded JSON value. */
function goType(value: JsonValue): string {
  if (Array.isArray(value)) return "[]interface {}";
  if (isJsonObject(value)) return "map[string]interface {}";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  if (typeof value === "bigint") return "int64";
  return typeof value === "boolean" ? "bool" : typeof value;
}
