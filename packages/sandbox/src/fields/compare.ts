import { equalJson, isObject, type JsonValue } from "../json.ts";
import { type FieldSet, FieldSetBuilder, recursiveDifference } from "./field-set.ts";
import { fieldElement } from "./path-element.ts";
import type { Atom, ListType, MapType, TypeSchema } from "./type-schema.ts";
import { fieldType, groupItems, handledBy } from "./typed-value.ts";

/** How two values differ, as sets of field paths. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Compares two values of a type; objects and lists that appear or vanish count with everything in them. */
export function compare(before: JsonValue, after: JsonValue, type: TypeSchema): Comparison {
  const walker: Walker = {
    added: new FieldSetBuilder(),
    modified: new FieldSetBuilder(),
    removed: new FieldSetBuilder(),
  };
  visit(walker, [], type, before, after);
  return {
    added: walker.added.build(),
    modified: walker.modified.build(),
    removed: walker.removed.build(),
  };
}

/** The comparison without the paths at and below those of `ignored`. */
export function withoutFields(comparison: Comparison, ignored: FieldSet): Comparison {
  return {
    added: recursiveDifference(comparison.added, ignored),
    modified: recursiveDifference(comparison.modified, ignored),
    removed: recursiveDifference(comparison.removed, ignored),
  };
}

interface Walker {
  readonly added: FieldSetBuilder;
  readonly modified: FieldSetBuilder;
  readonly removed: FieldSetBuilder;
}

type Side = JsonValue | undefined;

function visit(walker: Walker, path: readonly string[], type: TypeSchema, before: Side, after: Side): void {
  const { atom } = type;
  const sameKind =
    before === undefined || after === undefined || kindOf(atom, before) === kindOf(atom, after);
  let leaf: boolean;
  if (sameKind) {
    leaf = visitKind(walker, path, atom, after === undefined ? before : after, before, after);
  } else {
    visitKind(walker, path, atom, before, before, after);
    leaf = visitKind(walker, path, atom, after, before, after);
  }
  if (leaf) return;
  if (before === undefined) walker.added.insert(path);
  else if (after === undefined) walker.removed.insert(path);
}

/** Handles both sides by the kind of one of them; tells whether they were compared as one leaf. */
function visitKind(
  walker: Walker,
  path: readonly string[],
  atom: Atom,
  by: Side,
  before: Side,
  after: Side,
): boolean {
  const handled = handledBy(atom, by);
  if (handled === undefined) return false;
  if ("scalar" in handled) return compareLeaf(walker, path, before, after);
  if ("list" in handled) {
    const [left, right] = [listOf(before), listOf(after)];
    if (handled.list.atomic || (left.length === 0 && right.length === 0)) {
      return compareLeaf(walker, path, before, after);
    }
    visitItems(walker, path, handled.list, left, right);
    return false;
  }
  const [left, right] = [entriesOf(before), entriesOf(after)];
  if (handled.map.atomic || (left.size === 0 && right.size === 0)) {
    return compareLeaf(walker, path, before, after);
  }
  visitFields(walker, path, handled.map, left, right);
  return false;
}

function compareLeaf(walker: Walker, path: readonly string[], before: Side, after: Side): boolean {
  if (before === undefined) walker.added.insert(path);
  else if (after === undefined) walker.removed.insert(path);
  else if (!equalJson(before, after)) walker.modified.insert(path);
  return true;
}

function visitFields(
  walker: Walker,
  path: readonly string[],
  map: MapType,
  before: ReadonlyMap<string, JsonValue>,
  after: ReadonlyMap<string, JsonValue>,
): void {
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const type = fieldType(map, name);
    if (type === undefined) continue;
    visit(walker, [...path, fieldElement(name)], type, before.get(name), after.get(name));
  }
}

/** Items with the same keys are compared as one value; a change between one and several marks the item itself. */
function visitItems(
  walker: Walker,
  path: readonly string[],
  list: ListType,
  before: readonly JsonValue[],
  after: readonly JsonValue[],
): void {
  const left = groupItems(list, before);
  const right = groupItems(list, after);
  for (const element of new Set([...left.keys(), ...right.keys()])) {
    const [old, now] = [left.get(element) ?? [], right.get(element) ?? []];
    const at = [...path, element];
    if (old.length <= 1 && now.length <= 1) {
      visit(walker, at, list.element, old[0], now[0]);
    } else if (old.length >= 2 && now.length >= 2) {
      if (!equalJson(old, now)) walker.modified.insert(at);
    } else if (old.length >= 2) {
      if (now.length > 0) visit(walker, at, list.element, undefined, now[0]);
      walker.removed.insert(at);
    } else {
      if (old.length > 0) visit(walker, at, list.element, old[0], undefined);
      walker.added.insert(at);
    }
  }
}

function kindOf(atom: Atom, value: JsonValue): string {
  if (value === null) return "any";
  const handled = handledBy(atom, value);
  return handled === undefined ? "none" : (Object.keys(handled)[0] ?? "none");
}

function listOf(value: Side): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function entriesOf(value: Side): ReadonlyMap<string, JsonValue> {
  return new Map(isObject(value) ? Object.entries(value) : []);
}
