import { isObject, type JsonValue } from "../json.ts";
import { itemElement, ListItemError } from "./list-item.ts";
import { fieldElement, formatElement } from "./path-element.ts";
import type { ListType, MapType, ScalarType, TypeSchema } from "./type-schema.ts";
import { fieldType, handledBy } from "./typed-value.ts";

/** What keeps a value from being of a type, in the merge library's words, such as `.data.a: expected string, …`. */
export function typedErrors(value: JsonValue, type: TypeSchema, path = ""): string[] {
  const handled = handledBy(type.atom, value);
  if (handled === undefined) return [`${path}: schema error: invalid atom: inlined`];
  if (value === null) return [];
  if ("scalar" in handled) {
    const wrong = scalarError(type.atom.scalar ?? "untyped", value);
    return wrong === undefined ? [] : [`${path}: ${wrong}`];
  }
  if ("map" in handled) {
    return isObject(value)
      ? mapErrors(value, handled.map, path)
      : [`${path}: expected map, got ${shown(value)}`];
  }
  return Array.isArray(value)
    ? listErrors(value, handled.list, path)
    : [`${path}: expected list, got ${shown(value)}`];
}

/** Joins the findings as the merge library does. */
export function formatTypedErrors(errors: readonly string[]): string {
  return errors.length === 1
    ? (errors[0] ?? "")
    : ["errors:", ...errors.map((error) => `  ${error}`)].join("\n");
}

function mapErrors(value: { [key: string]: JsonValue }, map: MapType, path: string): string[] {
  return Object.entries(value).flatMap(([name, child]) => {
    const at = path + formatElement(fieldElement(name));
    const type = fieldType(map, name);
    return type === undefined ? [`${at}: field not declared in schema`] : typedErrors(child, type, at);
  });
}

function listErrors(items: readonly JsonValue[], list: ListType, path: string): string[] {
  const errors: string[] = [];
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    let element = `i:${index}`;
    if (!list.atomic) {
      try {
        element = itemElement(list, item);
      } catch (error) {
        if (!(error instanceof ListItemError)) throw error;
        return [...errors, `${path}: element ${index}: ${error.message}`];
      }
      if (seen.has(element)) {
        errors.push(`${path}: duplicate entries for key ${formatElement(element)}`);
      }
      seen.add(element);
    }
    errors.push(...typedErrors(item, list.element, path + formatElement(element)));
  }
  return errors;
}

function scalarError(type: ScalarType, value: JsonValue): string | undefined {
  const kind = typeof value;
  const numeric = kind === "number" || kind === "bigint";
  switch (type) {
    case "numeric":
      return numeric ? undefined : `expected numeric (int or float), got ${goTypeOf(value)}`;
    case "string":
      return kind === "string"
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${shown(value)}}`;
    case "boolean":
      return kind === "boolean" ? undefined : `expected boolean, got &{${shown(value)}}`;
    default:
      return kind === "object" ? `expected any scalar, got &{${shown(value)}}` : undefined;
  }
}

function goTypeOf(value: JsonValue): string {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  return Array.isArray(value) ? "[]interface {}" : "map[string]interface {}";
}

function shown(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
