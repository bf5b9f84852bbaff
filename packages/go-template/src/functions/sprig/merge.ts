import { type Budget, limitError, maxDepth } from "../../limits.ts";
import { isTrue } from "../../value/type.ts";
import { GoComplex, GoList, GoMap, GoVersion, map, type Value } from "../../value/value.ts";

const differentTypes = "src and dst must be of same type";

/** Emptiness as mergo sees it; unlike for templates, a complex number never is empty. */
function isEmpty(value: Value): boolean {
  return !(value instanceof GoComplex) && !isTrue(value);
}

function mergeKey(target: GoMap, key: string, source: Value, options: MergeOptions, depth: number): void {
  const existing = target.entries.get(key);
  if (source === null) {
    if (options.overwrite) target.entries.set(key, null);
    return;
  }
  if (!options.overwrite && existing instanceof GoVersion && existing.isPointer && source instanceof GoMap) {
    throw new Error(differentTypes);
  }
  if (existing instanceof GoMap && source instanceof GoMap) mergeMaps(existing, source, options, depth + 1);
  const isFull = existing !== undefined && !isEmpty(existing);
  if (isFull && source instanceof GoList && !options.overwrite) return;
  if (isFull && source instanceof GoMap && existing instanceof GoMap) return;
  if (options.overwrite || !isFull) target.entries.set(key, source);
}

/** How maps are merged. */
export interface MergeOptions {
  /** The source wins; else the destination does, unless its value is empty. */
  readonly overwrite: boolean;
  readonly budget: Budget;
}

function mergeMaps(target: GoMap, source: GoMap, options: MergeOptions, depth: number): void {
  if (depth > maxDepth) throw limitError("maps are nested too deeply to be merged");
  if (target.element === "string" && source.element !== "string" && source.entries.size > 0) {
    const type = "value of type interface {} is not assignable to type string";
    throw new Error(`reflect.Value.SetMapIndex: ${type}`);
  }
  // The source may be the target itself, so its entries are fixed first.
  const items = Array.from(source.entries);
  for (const [key, item] of items) {
    options.budget.spend(16);
    mergeKey(target, key, item, options, depth);
  }
}

/** Merges maps into the first, which is changed; a nil one is replaced by a new map. */
export function mergeInto(target: GoMap, sources: readonly GoMap[], options: MergeOptions): GoMap {
  let result = target;
  for (const source of sources) {
    if (result.isNil && source.isNil) continue;
    if (result.isNil) result = map();
    mergeMaps(result, source, options, 0);
  }
  return result;
}
