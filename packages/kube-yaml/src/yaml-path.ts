import type { YamlNode } from "./compose.ts";
import { isJsonObject, type JsonValue, setKey } from "./json-value.ts";
import { resolveNode } from "./resolve-node.ts";

/** Keys and list indexes from a document's root down to a value. */
export type YamlPath = readonly (string | number)[];

/** The node at a path; undefined where there is none. Does not look through aliases and merge keys. */
export function locate(root: YamlNode, path: YamlPath): YamlNode | undefined {
  let node: YamlNode | undefined = root;
  for (const step of path) {
    if (node === undefined) return undefined;
    const index = entryIndex(node, step);
    node = index < 0 ? undefined : node.children[node.kind === "mapping" ? index * 2 + 1 : index];
  }
  return node;
}

/** Number of the entry a key or index names in a collection, -1 when absent. Of equal keys the last counts. */
export function entryIndex(node: YamlNode, step: string | number): number {
  if (node.kind === "sequence") return typeof step === "number" && step < node.children.length ? step : -1;
  if (node.kind !== "mapping" || typeof step !== "string") return -1;
  for (let index = node.children.length / 2 - 1; index >= 0; index--) {
    const key = node.children[index * 2] as YamlNode;
    if (key.kind === "scalar" && String(resolveNode(key, undefined).value) === step) return index;
  }
  return -1;
}

/** What an edit does to the value of a document. */
export type ValueEdit = (root: JsonValue) => JsonValue;

/** Sets the value at a path, making the mappings and first list entries that are missing. */
export function assignAt(path: YamlPath, value: JsonValue): ValueEdit {
  const [step, ...rest] = path;
  if (step === undefined) return () => value;
  return (root) => {
    if (typeof step === "number") {
      const list = Array.isArray(root) ? root : [];
      return list.toSpliced(step, 1, assignAt(rest, value)(list[step] ?? null));
    }
    const object = isJsonObject(root) ? { ...root } : {};
    setKey(object, step, assignAt(rest, value)(object[step] ?? null));
    return object;
  };
}

/** Inserts into the list at a path. */
export function insertAt(path: YamlPath, index: number, value: JsonValue): ValueEdit {
  return updateAt(path, (list) => (Array.isArray(list) ? list.toSpliced(index, 0, value) : list));
}

/** Removes the entry at a path. */
export function removeAt(path: YamlPath): ValueEdit {
  const last = path.at(-1);
  return updateAt(path.slice(0, -1), (parent) => {
    if (Array.isArray(parent)) return parent.toSpliced(Number(last), 1);
    if (!isJsonObject(parent)) return parent;
    return Object.fromEntries(Object.entries(parent).filter(([key]) => key !== last));
  });
}

function updateAt(path: YamlPath, update: ValueEdit): ValueEdit {
  const [step, ...rest] = path;
  if (step === undefined) return update;
  return (root) => {
    if (Array.isArray(root)) {
      return root.map((item, index) => (index === step ? updateAt(rest, update)(item) : item));
    }
    if (!isJsonObject(root)) return root;
    const object = { ...root };
    setKey(object, String(step), updateAt(rest, update)(object[step] ?? null));
    return object;
  };
}
