import { type Budget, limitError, maxDepth } from "../limits.ts";
import { typeOf } from "./type.ts";
import { GoComplex, GoInt, GoList, GoMap, GoVersion, type Value } from "./value.ts";

function equalLists(a: GoList, b: GoList, budget: Budget, depth: number): boolean {
  if (a.isNil !== b.isNil || a.items.length !== b.items.length) return false;
  return a.items.every((item, i) => deepEqual(item, b.items[i] ?? null, budget, depth + 1));
}

function equalMaps(a: GoMap, b: GoMap, budget: Budget, depth: number): boolean {
  if (a.isNil !== b.isNil || a.entries.size !== b.entries.size) return false;
  for (const [key, item] of a.entries) {
    const other = b.entries.get(key);
    if (other === undefined || !deepEqual(item, other, budget, depth + 1)) return false;
  }
  return true;
}

/** `reflect.DeepEqual`: types must agree, and a nil list differs from an empty one. */
export function deepEqual(a: Value, b: Value, budget: Budget, depth = 0): boolean {
  budget.spend(8);
  if (depth > maxDepth) throw limitError("values are nested too deeply to be compared");
  if (a === b) return true;
  if (a === null || b === null || typeof a !== "object" || typeOf(a) !== typeOf(b)) return false;
  if (a instanceof GoInt) return a.value === (b as GoInt).value;
  if (a instanceof GoList) return equalLists(a, b as GoList, budget, depth);
  if (a instanceof GoMap) return equalMaps(a, b as GoMap, budget, depth);
  if (a instanceof GoVersion) {
    const { version } = b as GoVersion;
    return Object.entries(a.version).every(([name, part]) => version[name as keyof typeof version] === part);
  }
  return a.real === (b as GoComplex).real && a.imaginary === (b as GoComplex).imaginary;
}
