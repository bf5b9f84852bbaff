import { equalJson, isObject, type JsonObject, type JsonValue } from "../json.ts";

/** The path element of an object's field. */
export function fieldElement(name: string): string {
  return `f:${name}`;
}

/** The path element of a list-map item with these keys; key order means nothing. */
export function keyElement(keys: JsonObject): string {
  const fields = Object.entries(keys).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `k:{${fields.map(([name, value]) => `${JSON.stringify(name)}:${scalarText(value)}`).join(",")}}`;
}

/** The path element of a set item. */
export function valueElement(value: JsonValue): string {
  return `v:${scalarText(value)}`;
}

/** Reads a path element as clients send it and gives its canonical spelling; undefined when malformed. */
export function parsePathElement(text: string): string | undefined {
  const rest = text.slice(2);
  try {
    switch (text.slice(0, 2)) {
      case "f:":
        return text;
      case "i:":
        return /^-?\d+$/.test(rest) ? text : undefined;
      case "v:":
        return valueElement(JSON.parse(rest) as JsonValue);
      case "k:": {
        const keys = JSON.parse(rest) as JsonValue;
        return isObject(keys) ? keyElement(keys) : undefined;
      }
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}

/** Orders path elements: fields by name, then list-map keys, then set values, then indexes. */
export function comparePathElements(a: string, b: string): number {
  const ranks = "fkvi";
  const rank = ranks.indexOf(a.charAt(0)) - ranks.indexOf(b.charAt(0));
  if (rank !== 0) return rank;
  switch (a.charAt(0)) {
    case "k":
      return compareKeys(decoded(a), decoded(b));
    case "v":
      return compareScalars(decoded(a), decoded(b));
    case "i":
      return Number(a.slice(2)) - Number(b.slice(2));
    default:
      return compareText(a, b);
  }
}

/** A path in the spelling of conflict messages. */
export function formatPath(path: readonly string[]): string {
  return path.map(formatElement).join("");
}

/** One path element in the spelling of messages: `.name`, `[name="a"]`, `[="value"]` or `[0]`. */
export function formatElement(element: string): string {
  switch (element.charAt(0)) {
    case "f":
      return `.${element.slice(2)}`;
    case "k": {
      const keys = decoded(element);
      const fields = isObject(keys) ? Object.entries(keys) : [];
      return `[${fields.map(([name, value]) => `${name}=${scalarText(value)}`).join(",")}]`;
    }
    case "v":
      return `[=${element.slice(2)}]`;
    default:
      return `[${element.slice(2)}]`;
  }
}

function decoded(element: string): JsonValue {
  return JSON.parse(element.slice(2)) as JsonValue;
}

function scalarText(value: JsonValue): string {
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function compareKeys(a: JsonValue, b: JsonValue): number {
  const left = isObject(a) ? Object.entries(a) : [];
  const right = isObject(b) ? Object.entries(b) : [];
  for (const [index, [name, value]] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const byName = compareText(name, other[0]);
    if (byName !== 0) return byName;
    const byValue = compareScalars(value, other[1]);
    if (byValue !== 0) return byValue;
  }
  return left.length - right.length;
}

function compareScalars(a: JsonValue, b: JsonValue): number {
  if (equalJson(a, b)) return 0;
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (typeof a === "number" && typeof b === "number") return a - b;
  return compareText(scalarText(a), scalarText(b));
}
