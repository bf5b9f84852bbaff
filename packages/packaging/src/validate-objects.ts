import { manifestAnnotations } from "@package-operator/api";
import { isJsonObject, type JsonObject } from "@package-operator/kube-yaml";
import { formatFieldErrors, validateLabels } from "@package-operator/schema";
import { parseConditionMap } from "./condition-map.ts";
import { type Violation, violationError } from "./errors.ts";
import type { PackageManifest } from "./manifest.ts";
import type { PackageObject } from "./parse-objects.ts";

/** The modes that `package-operator.run/collision-protection` knows. */
const collisionModes = ["Prevent", "IfNoController", "None"];

/**
 * Checks the objects of a package against its manifest, before conditions filter any of them out.
 * @throws PackageError `violation` with every finding.
 */
export function validateObjects(manifest: PackageManifest, objects: readonly PackageObject[]): void {
  const violations = [
    ...duplicates(objects),
    ...objects.flatMap(checkKind),
    ...objects.flatMap(checkLabels),
    ...objects.flatMap((object) => checkPhase(object, manifest)),
    ...objects.flatMap(checkConditionMap),
    ...objects.flatMap(checkCollisionProtection),
  ];
  if (violations.length > 0) throw violationError(...violations);
}

/** A text annotation of an object; undefined when there is none. */
export function annotationOf(object: JsonObject, name: string): string | undefined {
  const metadata = object["metadata"];
  const annotations = isJsonObject(metadata) ? metadata["annotations"] : undefined;
  const value = isJsonObject(annotations) && Object.hasOwn(annotations, name) ? annotations[name] : undefined;
  return typeof value === "string" ? value : undefined;
}

function at({ path, index }: PackageObject): Pick<Violation, "path" | "index"> {
  return { path, index };
}

/** The version does not count: one object in two versions is one object. */
function duplicates(objects: readonly PackageObject[]): Violation[] {
  const seen = new Set<string>();
  return objects.flatMap((entry): Violation[] => {
    const { apiVersion, kind, metadata } = entry.object;
    const group = typeof apiVersion === "string" && apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
    const { namespace = "", name = "" } = isJsonObject(metadata) ? metadata : {};
    const key = JSON.stringify([group, kind, namespace, name]);
    if (seen.has(key)) return [{ reason: "duplicate-object", ...at(entry) }];
    seen.add(key);
    return [];
  });
}

function checkKind(entry: PackageObject): Violation[] {
  const { apiVersion, kind } = entry.object;
  const version = typeof apiVersion === "string" ? apiVersion.split("/").at(-1) : "";
  const complete = version !== "" && typeof kind === "string" && kind !== "";
  return complete ? [] : [{ reason: "kind-missing", ...at(entry) }];
}

function checkLabels(entry: PackageObject): Violation[] {
  if (entry.metadataProblem !== undefined) {
    return [{ reason: "invalid-labels", ...at(entry), details: entry.metadataProblem }];
  }
  const metadata = entry.object["metadata"];
  const labels = isJsonObject(metadata) ? metadata["labels"] : undefined;
  const errors = validateLabels((labels ?? {}) as Record<string, string>, "metadata.labels");
  if (errors.length === 0) return [];
  return [{ reason: "invalid-labels", ...at(entry), details: formatFieldErrors(errors) }];
}

function checkPhase(entry: PackageObject, { spec }: PackageManifest): Violation[] {
  const phase = annotationOf(entry.object, manifestAnnotations.phase);
  if (phase === undefined || phase === "") return [{ reason: "phase-annotation-missing", ...at(entry) }];
  return spec.phases.some(({ name }) => name === phase) ? [] : [{ reason: "phase-unknown", ...at(entry) }];
}

function checkConditionMap(entry: PackageObject): Violation[] {
  const value = annotationOf(entry.object, manifestAnnotations.conditionMap);
  const parsed = value === undefined ? [] : parseConditionMap(value);
  return typeof parsed === "string"
    ? [{ reason: "invalid-condition-map", ...at(entry), details: parsed }]
    : [];
}

function checkCollisionProtection(entry: PackageObject): Violation[] {
  const value = annotationOf(entry.object, manifestAnnotations.collisionProtection);
  if (value === undefined || value === "" || collisionModes.includes(value)) return [];
  const details = `${JSON.stringify(value)} is none of ${collisionModes.join(", ")}`;
  return [{ reason: "invalid-collision-protection", ...at(entry), details }];
}
