import { labels as labelNames } from "@package-operator/api";
import {
  decodeYaml,
  encodeJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  splitDocuments,
  YamlError,
} from "@package-operator/kube-yaml";
import { violationError } from "./errors.ts";
import { jsonKind } from "./go-struct.ts";
import { comparePaths, type PackageFiles } from "./raw-package.ts";

/** A Kubernetes object of a package and where it stands. */
export interface PackageObject {
  readonly path: string;
  /** Among the documents of the file that are not empty. */
  readonly index: number;
  /** Among all documents of the file. */
  readonly document: number;
  readonly object: JsonObject;
  /** Labels or annotations that are no texts, in words; upstream drops them without one. */
  readonly metadataProblem?: string;
}

/** The names that every object of a package is labelled with. */
export interface ObjectLabels {
  /** Name of the manifest, or of the component. */
  readonly manifestName: string;
  /** Name of the (Cluster)Package; empty when there is none. */
  readonly packageName: string;
}

/** Whether a file holds objects: `.yaml` or `.yml`, and no helper whose name starts with `_`. */
export function isObjectFile(path: string): boolean {
  const base = path.slice(path.lastIndexOf("/") + 1);
  return !base.startsWith("_") && /\.ya?ml$/.test(base);
}

/**
 * Reads the objects of a package in their order: by path, inside a file by document.
 * @throws PackageError `violation` for the first document that is no object.
 */
export function parseObjects(files: PackageFiles, names: ObjectLabels): PackageObject[] {
  const paths = [...files.keys()].filter(isObjectFile).toSorted(comparePaths);
  return paths.flatMap((path) => parseFile(path, files.get(path)!, names));
}

function parseFile(path: string, content: Uint8Array, names: ObjectLabels): PackageObject[] {
  const objects: PackageObject[] = [];
  for (const [document, text] of splitDocuments(Buffer.from(content).toString("utf8")).entries()) {
    const object = parseDocument(text, path, document);
    if (object === undefined) continue;
    const metadataProblem = metadataProblemOf(object);
    addLabels(object, names);
    const problem = metadataProblem === undefined ? {} : { metadataProblem };
    objects.push({ path, index: objects.length, document, object, ...problem });
  }
  return objects;
}

function parseDocument(text: string, path: string, index: number): JsonObject | undefined {
  const fail = (details: string): never => {
    throw violationError({ reason: "invalid-yaml", path, index, details, subject: text });
  };
  let value: JsonValue = null;
  try {
    value = decodeYaml(text);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    fail(error.message);
  }
  if (value === null) return undefined;
  const problem = objectProblem(value);
  if (problem !== undefined) fail(`error unmarshaling JSON: while decoding JSON: ${problem}`);
  return value as JsonObject;
}

/** Upstream's words for a document that is no Kubernetes object; undefined when it is one. */
function objectProblem(value: JsonValue): string | undefined {
  if (!isJsonObject(value)) {
    return `json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`;
  }
  const kind = value["kind"];
  if (typeof kind !== "string" || kind === "") return `Object 'Kind' is missing in '${encodeJson(value)}'`;
  const apiVersion = value["apiVersion"];
  if (typeof apiVersion === "string" && apiVersion.split("/").length > 2) {
    return `unexpected GroupVersion string: ${apiVersion}`;
  }
  return undefined;
}

/** Upstream's library gives up on metadata that is no object, and drops labels that are not all texts. */
function addLabels(object: JsonObject, names: ObjectLabels): void {
  const metadata = object["metadata"] ?? (Object.hasOwn(object, "metadata") ? null : {});
  if (!isJsonObject(metadata)) return;
  object["metadata"] = metadata;
  metadata["labels"] = {
    ...textMap(metadata["labels"]),
    [labelNames.package]: names.manifestName,
    [labelNames.instance]: names.packageName,
  };
}

function textMap(value: JsonValue | undefined): JsonObject {
  const isText = isJsonObject(value) && Object.values(value).every((text) => typeof text === "string");
  return isText ? value : {};
}

function metadataProblemOf({ metadata }: JsonObject): string | undefined {
  if (metadata === undefined || metadata === null) return undefined;
  if (!isJsonObject(metadata)) return "metadata: must be an object";
  return (
    mapProblem("metadata.labels", metadata["labels"]) ??
    mapProblem("metadata.annotations", metadata["annotations"])
  );
}

function mapProblem(path: string, value: JsonValue | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) return `${path}: must be an object`;
  const wrong = Object.entries(value).find(([, text]) => typeof text !== "string");
  return wrong === undefined ? undefined : `${path}: the value of "${wrong[0]}" must be a string`;
}
