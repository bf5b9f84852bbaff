import { isObject, type JsonObject, type JsonValue, setOwn } from "../json.ts";
import { emptySet, type FieldSet, FieldSetBuilder, isEmptySet } from "./field-set.ts";
import { itemElementOrNone } from "./list-item.ts";
import { fieldElement } from "./path-element.ts";
import type { Atom, ListType, MapType, TypeSchema } from "./type-schema.ts";

/** Which part of an atom a value is handled by; null has no kind of its own and takes the first there is. */
type Handled = { map: MapType } | { list: ListType } | { scalar: true } | undefined;

/** Decides how a value (undefined: absent) is handled by an atom. */
export function handledBy(atom: Atom, value: JsonValue | undefined): Handled {
  if (isObject(value) && atom.map !== undefined) return { map: atom.map };
  if (Array.isArray(value) && atom.list !== undefined) return { list: atom.list };
  if (value !== null && typeof value !== "object" && value !== undefined && atom.scalar !== undefined) {
    return { scalar: true };
  }
  if (atom.map !== undefined) return { map: atom.map };
  if (atom.scalar !== undefined) return { scalar: true };
  return atom.list === undefined ? undefined : { list: atom.list };
}

/** The type of a field of an object type; undefined when the field may not be there. */
export function fieldType(map: MapType, name: string): TypeSchema | undefined {
  return map.fields.get(name) ?? map.element;
}

/** The fields a value sets: what its manager owns after applying it. */
export function toFieldSet(value: JsonValue, type: TypeSchema): FieldSet {
  const builder = new FieldSetBuilder();
  collectFields(value, type, [], builder);
  return builder.build();
}

function collectFields(
  value: JsonValue,
  type: TypeSchema,
  path: readonly string[],
  into: FieldSetBuilder,
): void {
  const handled = handledBy(type.atom, value);
  if (handled === undefined) return;
  if ("scalar" in handled) into.insert(path);
  else if ("map" in handled) collectMap(value, handled.map, path, into);
  else if (handled.list.atomic) into.insert(path);
  else if (Array.isArray(value)) collectItems(value, handled.list, path, into);
}

function collectMap(value: JsonValue, map: MapType, path: readonly string[], into: FieldSetBuilder): void {
  if (map.atomic) {
    into.insert(path);
    return;
  }
  for (const [name, child] of isObject(value) ? Object.entries(value) : []) {
    const type = fieldType(map, name);
    if (type === undefined) continue;
    const below = [...path, fieldElement(name)];
    collectFields(child, type, below, into);
    const empty = child === null || (isObject(child) && Object.keys(child).length === 0);
    if (empty || !map.fields.has(name)) into.insert(below);
  }
}

function collectItems(
  items: readonly JsonValue[],
  list: ListType,
  path: readonly string[],
  into: FieldSetBuilder,
): void {
  for (const [element, same] of groupItems(list, items)) {
    const below = [...path, element];
    into.insert(below);
    const [only] = same;
    // Items with the same keys are owned as one: nobody can tell which of them a path below means.
    if (same.length === 1 && only !== undefined) collectFields(only, list.element, below, into);
  }
}

/** The items of an associative list by path element, in order of first occurrence; unidentifiable ones left out. */
export function groupItems(list: ListType, items: readonly JsonValue[]): Map<string, JsonValue[]> {
  const groups = new Map<string, JsonValue[]>();
  for (const item of items) {
    const element = itemElementOrNone(list, item);
    if (element === undefined) continue;
    const group = groups.get(element);
    if (group === undefined) groups.set(element, [item]);
    else group.push(item);
  }
  return groups;
}

/**
 * The value without the fields of a set. An object or list of which nothing is left becomes null, as in the merge
 * library; atomic values cannot lose parts.
 */
export function removeItems(value: JsonValue, remove: FieldSet, type: TypeSchema): JsonValue {
  const handled = handledBy(type.atom, value);
  if (handled === undefined || "scalar" in handled) return value;
  if ("list" in handled) {
    if (!Array.isArray(value) || handled.list.atomic) return null;
    const { list } = handled;
    const kept = value.flatMap((item): JsonValue[] => {
      const element = itemElementOrNone(list, item) ?? "";
      if (remove.members.has(element)) return [];
      const below = remove.children.get(element) ?? emptySet;
      return [isEmptySet(below) ? item : removeItems(item, below, list.element)];
    });
    return kept.length > 0 ? kept : null;
  }
  if (!isObject(value) || handled.map.atomic) return null;
  const kept: JsonObject = {};
  for (const [name, child] of Object.entries(value)) {
    const element = fieldElement(name);
    if (remove.members.has(element)) continue;
    const below = remove.children.get(element);
    const type = fieldType(handled.map, name);
    setOwn(kept, name, below === undefined || type === undefined ? child : removeItems(child, below, type));
  }
  return Object.keys(kept).length > 0 ? kept : null;
}

/** Adds to a set the named fields on the way to its members, so that removing all below removes them too. */
export function withNamedFields(set: FieldSet, type: TypeSchema | undefined): FieldSet {
  const atom = type?.atom ?? {};
  const members = new Set(set.members);
  const children = new Map<string, FieldSet>();
  for (const [element, child] of set.children) {
    const name = element.startsWith("f:") ? element.slice(2) : undefined;
    if (name !== undefined && atom.map?.fields.has(name) === true) members.add(element);
    const below =
      name !== undefined
        ? atom.map && fieldType(atom.map, name)
        : element.startsWith("k:")
          ? atom.list?.element
          : undefined;
    children.set(element, withNamedFields(child, below));
  }
  return { members, children };
}
