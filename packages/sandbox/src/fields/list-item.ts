import { isObject, type JsonObject, type JsonValue } from "../json.ts";
import { keyElement, valueElement } from "./path-element.ts";
import type { ListType } from "./type-schema.ts";

/** A list item that cannot be identified, with the reason as the merge library words it. */
export class ListItemError extends Error {
  override readonly name = "ListItemError";
}

/**
 * The path element that identifies an item of an associative list.
 *
 * @throws ListItemError when keys are missing or the item is of the wrong kind.
 */
export function itemElement(list: ListType, item: JsonValue): string {
  return list.keys.length > 0 ? keyedElement(list, item) : scalarElement(item);
}

/** {@link itemElement}, with undefined instead of an error. */
export function itemElementOrNone(list: ListType, item: JsonValue): string | undefined {
  try {
    return itemElement(list, item);
  } catch (error) {
    if (error instanceof ListItemError) return undefined;
    throw error;
  }
}

function keyedElement(list: ListType, item: JsonValue): string {
  if (item === null) throw new ListItemError("associative list with keys may not have a null element");
  if (!isObject(item)) throw new ListItemError("associative list with keys may not have non-map elements");
  const keys: JsonObject = {};
  for (const key of list.keys) {
    const value = item[key] ?? list.element.atom.map?.defaults.get(key);
    if (value !== undefined) keys[key] = value;
  }
  if (Object.keys(keys).length === 0) {
    const names = list.keys.map((key) => JSON.stringify(key)).join(" ");
    throw new ListItemError(
      `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
    );
  }
  return keyElement(keys);
}

function scalarElement(item: JsonValue): string {
  if (item === null) {
    throw new ListItemError("associative list without keys has an element that's an explicit null");
  }
  if (isObject(item)) {
    throw new ListItemError("associative list without keys has an element that's a map type");
  }
  if (Array.isArray(item)) {
    throw new ListItemError("not supported: associative list with lists as elements");
  }
  return valueElement(item);
}
