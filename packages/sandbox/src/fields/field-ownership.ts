import { equalJson, type JsonObject } from "../json.ts";
import { compare, type Comparison, withoutFields } from "./compare.ts";
import {
  difference,
  emptySet,
  type FieldSet,
  intersection,
  isEmptySet,
  recursiveDifference,
  union,
} from "./field-set.ts";
import type { Manager, Managers } from "./managers.ts";
import { managerId } from "./managers.ts";
import { merge } from "./merge.ts";
import type { TypeSchema } from "./type-schema.ts";
import { removeItems, toFieldSet, withNamedFields } from "./typed-value.ts";

/** Fields of other managers that an apply would change. */
export interface FieldConflict {
  readonly manager: Manager;
  readonly fields: FieldSet;
}

/** What merging needs to know of the object's kind. */
export interface Ownership {
  /** Type of a version of the kind; undefined when that version is no longer served. */
  readonly typeOf: (apiVersion: string) => TypeSchema | undefined;
  /** Fields that this endpoint resets, and which nobody can come to own through it. */
  readonly ignored: FieldSet;
}

/** Result of an apply: the merged object, or what is in its way. */
export type ApplyResult =
  | { readonly object: JsonObject; readonly managers: Managers; readonly changed: boolean }
  | { readonly conflicts: readonly FieldConflict[] };

/**
 * Gives the fields that differ between two states to `self`, taking them from everyone else; the reference is
 * `Updater.Update` of structured-merge-diff.
 *
 * @param self Who updates; its `fields` are ignored. The set it comes to own may turn out empty.
 */
export function recordUpdate(
  before: JsonObject,
  after: JsonObject,
  managers: Managers,
  self: Manager,
  ownership: Ownership,
): { managers: Managers; taken: FieldSet } {
  const type = typeFor(ownership, self.apiVersion);
  const { kept, comparison } = redistribute(before, after, managers, undefined, ownership);
  const differing = union(comparison(type).modified, comparison(type).added);
  const taken = recursiveDifference(differing, ownership.ignored);
  return { managers: kept, taken };
}

/**
 * Merges an applied object into the live one: the applier owns exactly what it applied, and what only it had
 * applied before disappears; the reference is `Updater.Apply` of structured-merge-diff.
 *
 * @param options.force Takes fields of other managers instead of reporting conflicts.
 */
export function applyObject(
  live: JsonObject,
  applied: JsonObject,
  managers: Managers,
  self: Manager,
  options: Ownership & { readonly force: boolean },
): ApplyResult {
  const type = typeFor(options, self.apiVersion);
  const id = managerId(self);
  const last = managers.get(id);
  const fields = recursiveDifference(toFieldSet(applied, type), options.ignored);
  const owners = new Map(managers).set(id, { ...self, fields });
  const merged = (merge(live, applied, type) ?? {}) as JsonObject;
  const object = last === undefined ? merged : prune(merged, owners, last, options);
  const { kept, conflicts } = redistribute(live, object, owners, id, options);
  if (!options.force && conflicts.length > 0) return { conflicts };
  return { object, managers: kept, changed: !equalJson(live, object) };
}

/** Compares two states in every version in use, and takes what changed from all managers but one. */
function redistribute(
  before: JsonObject,
  after: JsonObject,
  managers: Managers,
  except: string | undefined,
  ownership: Ownership,
): {
  kept: Map<string, Manager>;
  conflicts: FieldConflict[];
  comparison: (type: TypeSchema) => Comparison;
} {
  const comparisons = new Map<TypeSchema, Comparison>();
  const comparison = (type: TypeSchema): Comparison => {
    let found = comparisons.get(type);
    if (found === undefined) {
      found = compare(before, after, type);
      comparisons.set(type, found);
    }
    return found;
  };
  const kept = new Map<string, Manager>();
  const conflicts: FieldConflict[] = [];
  for (const [id, manager] of managers) {
    if (id === except) {
      if (!isEmptySet(manager.fields)) kept.set(id, manager);
      continue;
    }
    const type = ownership.typeOf(manager.apiVersion);
    if (type === undefined) continue;
    const changes = withoutFields(comparison(type), ownership.ignored);
    const taken = intersection(manager.fields, union(changes.modified, changes.added));
    if (!isEmptySet(taken)) conflicts.push({ manager, fields: taken });
    const fields = difference(difference(manager.fields, taken), changes.removed);
    if (!isEmptySet(fields)) kept.set(id, { ...manager, fields });
  }
  return { kept, conflicts, comparison };
}

/**
 * Removes what the applier applied last time and no longer applies, unless somebody else owns it or nobody ever
 * did.
 */
function prune(merged: JsonObject, owners: Managers, last: Manager, ownership: Ownership): JsonObject {
  if (isEmptySet(last.fields)) return merged;
  const type = ownership.typeOf(last.apiVersion);
  if (type === undefined) return merged;
  const named = (set: FieldSet, of: TypeSchema = type): FieldSet => withNamedFields(set, of);
  let pruned = removeItems(merged, named(last.fields), type);
  const ownedByType = new Map<TypeSchema, FieldSet>();
  for (const owner of owners.values()) {
    const ownerType = ownership.typeOf(owner.apiVersion);
    if (ownerType === undefined) continue;
    ownedByType.set(ownerType, union(ownedByType.get(ownerType) ?? emptySet, owner.fields));
  }
  const types = [type, ...[...ownedByType.keys()].filter((other) => other !== type)];
  for (const ownerType of types) {
    const owned = ownedByType.get(ownerType);
    if (owned === undefined) continue;
    const all = named(toFieldSet(merged, ownerType), ownerType);
    const remaining = named(toFieldSet(pruned, ownerType), ownerType);
    const goes = difference(all, union(remaining, named(owned, ownerType)));
    pruned = removeItems(merged, goes, ownerType);
  }
  const all = named(toFieldSet(merged, type));
  const gone = difference(all, named(toFieldSet(pruned, type)));
  return (removeItems(merged, intersection(gone, named(last.fields)), type) ?? {}) as JsonObject;
}

function typeFor(ownership: Ownership, apiVersion: string): TypeSchema {
  const type = ownership.typeOf(apiVersion);
  if (type === undefined) throw new Error(`no type for version ${apiVersion}`);
  return type;
}
