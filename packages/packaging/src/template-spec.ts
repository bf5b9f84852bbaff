import { manifestAnnotations } from "@package-operator/api";
import { isJsonObject, type JsonObject } from "@package-operator/kube-yaml";
import { parseConditionMap } from "./condition-map.ts";
import { violationError } from "./errors.ts";
import type { PackageManifest } from "./manifest.ts";
import type { PackageObject } from "./parse-objects.ts";
import { annotationOf } from "./validate-objects.ts";

/** The spec of an ObjectSetTemplate as a package gives it; plain JSON in the API's own shape. */
export interface ObjectSetTemplateSpec {
  readonly phases: readonly TemplatePhase[];
  readonly availabilityProbes?: readonly JsonObject[];
}

export interface TemplatePhase {
  readonly name: string;
  readonly class?: string;
  readonly objects: readonly TemplateObject[];
}

export interface TemplateObject {
  readonly object: JsonObject;
  readonly collisionProtection?: string;
  readonly conditionMappings?: readonly { readonly sourceType: string; readonly destinationType: string }[];
}

/**
 * Sorts objects into the phases of the manifest; phases without objects are left out. The annotations that only packages
 * have are taken off.
 */
export function objectSetTemplateSpec(
  manifest: PackageManifest,
  objects: readonly PackageObject[],
): ObjectSetTemplateSpec {
  const phases = manifest.spec.phases.flatMap(({ name, class: phaseClass }): TemplatePhase[] => {
    const members = objects.filter(({ object }) => annotationOf(object, manifestAnnotations.phase) === name);
    if (members.length === 0) return [];
    return [
      { name, ...(phaseClass === "" ? {} : { class: phaseClass }), objects: members.map(templateObject) },
    ];
  });
  const { availabilityProbes } = manifest.spec;
  return { phases, ...(availabilityProbes === undefined ? {} : { availabilityProbes }) };
}

function templateObject(entry: PackageObject): TemplateObject {
  const { path, index, object } = entry;
  const collisionProtection = annotationOf(object, manifestAnnotations.collisionProtection);
  const map = annotationOf(object, manifestAnnotations.conditionMap);
  const conditionMappings = map === undefined ? undefined : parseConditionMap(map);
  if (typeof conditionMappings === "string") {
    throw violationError({ reason: "invalid-condition-map", path, index, details: conditionMappings });
  }
  return {
    object: withoutManifestAnnotations(object),
    ...(collisionProtection === undefined || collisionProtection === "" ? {} : { collisionProtection }),
    ...(conditionMappings === undefined ? {} : { conditionMappings }),
  };
}

/** An empty annotation map must not stay: it would differ from what the API server stores. */
function withoutManifestAnnotations(object: JsonObject): JsonObject {
  const metadata = object["metadata"];
  const annotations = isJsonObject(metadata) ? metadata["annotations"] : undefined;
  if (!isJsonObject(metadata) || !isJsonObject(annotations)) return object;
  const own = new Set<string>(Object.values(manifestAnnotations));
  const rest = Object.fromEntries(Object.entries(annotations).filter(([name]) => !own.has(name)));
  const { annotations: _all, ...others } = metadata;
  return {
    ...object,
    metadata: Object.keys(rest).length === 0 ? others : { ...others, annotations: rest },
  };
}
