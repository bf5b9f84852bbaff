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
    addLabels(object, names, path, document);
    objects.push({ path, index: objects.length, document, object });
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

function addLabels(object: JsonObject, names: ObjectLabels, path: string, index: number): void {
  const metadata = ensureObject(object, "metadata");
  if (metadata === undefined) {
    throw violationError({ reason: "invalid-yaml", path, index, details: "metadata is not an object" });
  }
  const labels = ensureObject(metadata, "labels");
  const wrong = Object.entries(labels ?? {}).find(([, value]) => typeof value !== "string");
  if (labels === undefined || wrong !== undefined) {
    const what =
      wrong === undefined
        ? "metadata.labels is not an object"
        : `metadata.labels: value of "${wrong[0]}" is not a string`;
    throw violationError({ reason: "invalid-labels", path, index, details: what });
  }
  labels[labelNames.package] = names.manifestName;
  labels[labelNames.instance] = names.packageName;
}

function ensureObject(parent: JsonObject, key: string): JsonObject | undefined {
  const value = parent[key];
  if (isJsonObject(value)) return value;
  if (value !== undefined && value !== null) return undefined;
  const created: JsonObject = {};
  parent[key] = created;
  return created;
}
