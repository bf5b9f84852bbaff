import {
  decodeYaml,
  encodeYaml,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from "@package-operator/kube-yaml";
import { PackageError } from "../errors.ts";
import { textAt } from "./json-fields.ts";
import type { KindKey } from "./known-kinds.ts";

/** An object that a package is made of, with the facts that decide what becomes of it. */
export interface SourceObject {
  readonly object: JsonObject;
  readonly kind: KindKey;
  readonly name: string;
  /** Empty when there is none. */
  readonly namespace: string;
}

/**
 * Reads the objects of a YAML or JSON text, those inside lists one by one; documents are separated by lines that are
 * exactly `---`.
 *
 * @throws PackageError `io` for a document that is no object.
 */
export function readSourceObjects(text: string): readonly JsonObject[] {
  const documents = text.split(/^---$/m).filter((document) => document.trim() !== "");
  return documents.flatMap((document, index) => {
    const failed = (reason: string, cause?: unknown): PackageError =>
      new PackageError("io", `unmarshalling yaml document at index ${index}: ${reason}`, { cause });
    let value: JsonValue;
    try {
      value = decodeYaml(document);
    } catch (cause) {
      throw failed((cause as Error).message, cause);
    }
    if (value === null) return [];
    if (!isJsonObject(value)) throw failed("this is no object");
    if (typeof value["kind"] !== "string" || value["kind"] === "") throw failed("Object 'Kind' is missing");
    return unpackList(value);
  });
}

function unpackList(object: JsonObject): readonly JsonObject[] {
  const { kind, items } = object;
  if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(items)) return [object];
  return items.filter(isJsonObject);
}

/** @throws PackageError `io` for objects without name or API version, and for the second of two equal ones. */
export function identifyObjects(objects: readonly JsonObject[]): readonly SourceObject[] {
  const seen = new Set<string>();
  return objects.map((object) => {
    const found = identify(object);
    const key = JSON.stringify([found.kind, found.namespace, found.name]);
    if (seen.has(key)) throw new PackageError("io", `duplicate object: '${encodeYaml(object)}'`);
    seen.add(key);
    return found;
  });
}

function identify(object: JsonObject): SourceObject {
  const { metadata } = object;
  const refuse = (step: string, reason: string): never => {
    throw new PackageError("io", `parsing ${step}: object ${reason}: '${encodeYaml(object)}'`);
  };
  if (!isJsonObject(metadata)) return refuse("namespace and name", "is missing metadata");
  const name = textAt(metadata, "name");
  if (name === "") return refuse("namespace and name", "is missing name");
  const parts = textAt(object, "apiVersion").split("/");
  if (parts.length > 2 || parts.at(-1) === "") {
    return refuse("groupKind", "has invalid apiVersion");
  }
  const group = parts.length === 2 ? parts[0]! : "";
  const kind = textAt(object, "kind");
  return {
    object,
    kind: group === "" ? kind : `${kind}.${group}`,
    name,
    namespace: textAt(metadata, "namespace"),
  };
}
