import { isObject, type JsonObject, setOwn } from "../json.ts";
import { comparePathElements, formatPath, parsePathElement } from "./path-element.ts";

/**
 * A set of field paths as server-side apply keeps it: which paths end here (`members`), and which go on (`children`).
 * Path elements are in their serialized form (`f:name`, `k:{"name":"a"}`, `v:1`, `i:0`). Sets are never changed.
 */
export interface FieldSet {
  readonly members: ReadonlySet<string>;
  readonly children: ReadonlyMap<string, FieldSet>;
}

/** The set without any path. */
export const emptySet: FieldSet = { members: new Set(), children: new Map() };

/** Whether a set has no path. */
export function isEmptySet(set: FieldSet): boolean {
  return set.members.size === 0 && set.children.size === 0;
}

/** Collects paths one after another into a set. */
export class FieldSetBuilder {
  readonly #members = new Set<string>();
  readonly #children = new Map<string, FieldSetBuilder>();

  /** Adds one path; the empty path is no field and is ignored. */
  insert(path: readonly string[]): void {
    const [first, ...rest] = path;
    if (first === undefined) return;
    if (rest.length === 0) {
      this.#members.add(first);
      return;
    }
    let child = this.#children.get(first);
    if (child === undefined) {
      child = new FieldSetBuilder();
      this.#children.set(first, child);
    }
    child.insert(rest);
  }

  /** The set of everything inserted so far. */
  build(): FieldSet {
    const children = [...this.#children].map(([key, child]): [string, FieldSet] => [key, child.build()]);
    return { members: new Set(this.#members), children: new Map(children) };
  }
}

/** The set of exactly the given paths. */
export function setOf(...paths: readonly string[][]): FieldSet {
  const builder = new FieldSetBuilder();
  for (const path of paths) builder.insert(path);
  return builder.build();
}

/** The paths of either set. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map(a.children);
  for (const [key, child] of b.children) {
    const own = children.get(key);
    children.set(key, own === undefined ? child : union(own, child));
  }
  return { members: new Set([...a.members, ...b.members]), children };
}

/** The paths of both sets. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [key, child] of a.children) {
    const other = b.children.get(key);
    if (other !== undefined) addChild(children, key, intersection(child, other));
  }
  return { members: new Set([...a.members].filter((member) => b.members.has(member))), children };
}

/** The paths of `a` that are not in `b`; a path in `b` does not cover what is below it. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [key, child] of a.children) {
    const other = b.children.get(key);
    addChild(children, key, other === undefined ? child : difference(child, other));
  }
  return { members: new Set([...a.members].filter((member) => !b.members.has(member))), children };
}

/** The paths of `a` that are neither in `b` nor below a path of `b`. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [key, child] of a.children) {
    if (b.members.has(key)) continue;
    const other = b.children.get(key);
    addChild(children, key, other === undefined ? child : recursiveDifference(child, other));
  }
  return { members: new Set([...a.members].filter((member) => !b.members.has(member))), children };
}

function addChild(children: Map<string, FieldSet>, key: string, child: FieldSet): void {
  if (!isEmptySet(child)) children.set(key, child);
}

/** Whether two sets hold the same paths. */
export function equalSets(a: FieldSet, b: FieldSet): boolean {
  if (a.members.size !== b.members.size || a.children.size !== b.children.size) return false;
  for (const member of a.members) if (!b.members.has(member)) return false;
  for (const [key, child] of a.children) {
    const other = b.children.get(key);
    if (other === undefined || !equalSets(child, other)) return false;
  }
  return true;
}

/** Whether the set holds this path itself. */
export function hasPath(set: FieldSet, path: readonly string[]): boolean {
  const [first, ...rest] = path;
  if (first === undefined) return false;
  if (rest.length === 0) return set.members.has(first);
  const child = set.children.get(first);
  return child !== undefined && hasPath(child, rest);
}

/** All paths: at every level first those that end there, then the deeper ones, each in path-element order. */
export function pathsOf(set: FieldSet, prefix: readonly string[] = []): string[][] {
  const members = [...set.members].toSorted(comparePathElements).map((member) => prefix.concat(member));
  const deeper = [...set.children]
    .toSorted(([a], [b]) => comparePathElements(a, b))
    .flatMap(([key, child]) => pathsOf(child, prefix.concat(key)));
  return [...members, ...deeper];
}

/** All paths in the spelling of conflict messages, such as `.spec.template.spec.containers[name="a"].image`. */
export function formatPaths(set: FieldSet): string[] {
  return pathsOf(set).map(formatPath);
}

/** The set in the `fieldsV1` form of `metadata.managedFields`. */
export function encodeFieldSet(set: FieldSet): JsonObject {
  const encoded: JsonObject = {};
  const keys = [...new Set([...set.members, ...set.children.keys()])].toSorted(comparePathElements);
  for (const key of keys) {
    const child = set.children.get(key);
    const below = child === undefined ? {} : encodeFieldSet(child);
    setOwn(encoded, key, child !== undefined && set.members.has(key) ? { ".": {}, ...below } : below);
  }
  return encoded;
}

/** Reads `fieldsV1`; undefined when it is malformed. */
export function decodeFieldSet(encoded: JsonObject): FieldSet | undefined {
  const members = new Set<string>();
  const children = new Map<string, FieldSet>();
  for (const [text, value] of Object.entries(encoded)) {
    if (text === ".") continue;
    const key = parsePathElement(text);
    if (key === undefined || !isObject(value)) return undefined;
    const child = decodeFieldSet(value);
    if (child === undefined) return undefined;
    if (isEmptySet(child) || Object.hasOwn(value, ".")) members.add(key);
    if (!isEmptySet(child)) children.set(key, child);
  }
  return { members, children };
}
