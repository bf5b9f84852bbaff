import { copy, equalJson, isObject, type JsonObject, type JsonValue, setOwn, textOf } from "../json.ts";

/** A JSON patch that does not fit the document; the message is that of the API server's library. */
export class JsonPatchError extends Error {
  override readonly name = "JsonPatchError";
}

/** Applies a JSON patch (RFC 6902). The document is not changed. @throws JsonPatchError */
export function applyJsonPatch(document: JsonValue, operations: readonly JsonValue[]): JsonValue {
  let result = copy(document);
  for (const operation of operations) {
    if (!isObject(operation)) throw new JsonPatchError("Invalid JSON Patch: an operation is not an object");
    result = applyOperation(result, operation);
  }
  return result;
}

function applyOperation(document: JsonValue, operation: JsonObject): JsonValue {
  const { op } = operation;
  const path = pointerOf(operation, "path");
  switch (op) {
    case "add":
      return add(document, path, copy(valueOf(operation)));
    case "remove":
      return remove(document, path);
    case "replace":
      return replace(document, path, copy(valueOf(operation)));
    case "move": {
      const from = pointerOf(operation, "from");
      const moved = read(document, from, "move");
      return add(remove(document, from), path, moved);
    }
    case "copy":
      return add(document, path, copy(read(document, pointerOf(operation, "from"), "copy")));
    case "test":
      if (equalJson(readOrNull(document, path), operation["value"] ?? null)) return document;
      throw new JsonPatchError(`testing value ${pathText(path)} failed: test failed`);
    default:
      throw new JsonPatchError(`Unexpected kind: ${textOf(op)}`);
  }
}

function pointerOf(operation: JsonObject, field: string): string[] {
  const text = operation[field];
  if (typeof text !== "string") throw new JsonPatchError(`operation is missing ${field}`);
  if (text === "") return [];
  if (!text.startsWith("/")) throw new JsonPatchError(`invalid pointer ${text}`);
  return text
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function valueOf(operation: JsonObject): JsonValue {
  const { value } = operation;
  if (value === undefined) throw new JsonPatchError("operation is missing value");
  return value;
}

function add(document: JsonValue, path: readonly string[], value: JsonValue): JsonValue {
  return change(
    document,
    path,
    "add",
    (parent, key) => {
      if (!Array.isArray(parent)) {
        setOwn(parent, key, value);
      } else if (key === "-") {
        parent.push(value);
      } else {
        const index = indexOf(key, parent.length + 1, path, "add");
        parent.splice(index, 0, value);
      }
    },
    value,
  );
}

function remove(document: JsonValue, path: readonly string[]): JsonValue {
  return change(
    document,
    path,
    "remove",
    (parent, key) => {
      if (Array.isArray(parent)) parent.splice(indexOf(key, parent.length, path, "remove"), 1);
      else if (Object.hasOwn(parent, key)) delete parent[key];
      else throw missingPath("remove", path);
    },
    null,
  );
}

function replace(document: JsonValue, path: readonly string[], value: JsonValue): JsonValue {
  return change(
    document,
    path,
    "replace",
    (parent, key) => {
      if (Array.isArray(parent)) parent[indexOf(key, parent.length, path, "replace")] = value;
      else if (Object.hasOwn(parent, key)) setOwn(parent, key, value);
      else throw missingKey("replace", path);
    },
    value,
  );
}

/** Runs a change on the parent of the last path element; an empty path replaces the document. */
function change(
  document: JsonValue,
  path: readonly string[],
  operation: string,
  run: (parent: JsonObject | JsonValue[], key: string) => void,
  whole: JsonValue,
): JsonValue {
  const key = path.at(-1);
  if (key === undefined) return whole;
  const parent = readOrUndefined(document, path.slice(0, -1));
  if (!isObject(parent) && !Array.isArray(parent)) throw missingPath(operation, path);
  run(parent, key);
  return document;
}

function read(document: JsonValue, path: readonly string[], operation: string): JsonValue {
  const found = readOrUndefined(document, path);
  if (found === undefined) throw missingPath(operation, path);
  return found;
}

function readOrNull(document: JsonValue, path: readonly string[]): JsonValue {
  return readOrUndefined(document, path) ?? null;
}

function readOrUndefined(document: JsonValue, path: readonly string[]): JsonValue | undefined {
  let current: JsonValue | undefined = document;
  for (const key of path) {
    if (Array.isArray(current)) current = /^\d+$/.test(key) ? current[Number(key)] : undefined;
    else if (isObject(current)) current = Object.hasOwn(current, key) ? current[key] : undefined;
    else return undefined;
  }
  return current;
}

function indexOf(key: string, length: number, path: readonly string[], operation: string): number {
  const index = Number(key);
  if (!/^\d+$/.test(key) || index >= length) {
    throw new JsonPatchError(
      `${operation} operation does not apply: doc is missing path: ${JSON.stringify(pathText(path))}: Unable to access invalid index: ${key}`,
    );
  }
  return index;
}

function missingPath(operation: string, path: readonly string[]): JsonPatchError {
  return new JsonPatchError(
    `${operation} operation does not apply: doc is missing path: ${JSON.stringify(pathText(path))}: missing value`,
  );
}

function missingKey(operation: string, path: readonly string[]): JsonPatchError {
  return new JsonPatchError(
    `${operation} operation does not apply: doc is missing key: ${pathText(path)}: missing value`,
  );
}

function pathText(path: readonly string[]): string {
  return path.map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
