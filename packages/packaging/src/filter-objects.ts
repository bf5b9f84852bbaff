import { manifestAnnotations } from "@package-operator/api";
import { isJsonObject } from "@package-operator/kube-yaml";
import type { ConditionEnvironment } from "@package-operator/schema";

import { PackageError, violationError } from "./errors.ts";
import type { PackageManifest } from "./manifest.ts";
import type { PackageObject } from "./parse-objects.ts";
import { GlobSyntaxError, matchPathGlob } from "./path-glob.ts";
import { annotationOf } from "./validate-objects.ts";

/** What conditions left of the objects of a package. */
export interface FilteredObjects {
  readonly objects: readonly PackageObject[];
  /** Files that a path condition took out whole. */
  readonly droppedFiles: ReadonlySet<string>;
  /** Objects that their own condition took out. */
  readonly droppedObjects: readonly PackageObject[];
}

/**
 * Takes out the objects whose conditions are false: whole files by `spec.filter.paths`, single objects by their
 * `package-operator.run/condition` annotation.
 *
 * @throws PackageError `template` for a path condition, `violation` for an annotation that cannot be evaluated.
 */
export function filterObjects(
  manifest: PackageManifest,
  objects: readonly PackageObject[],
  conditions: ConditionEnvironment,
): FilteredObjects {
  const globs = falseGlobs(manifest, conditions);
  const paths = [...new Set(objects.map(({ path }) => path))];
  const droppedFiles = new Set(paths.filter((path) => globs.some((glob) => matchesGlob(glob, path))));
  const kept: PackageObject[] = [];
  const droppedObjects: PackageObject[] = [];
  for (const entry of objects) {
    if (droppedFiles.has(entry.path)) continue;
    (holds(entry, conditions) ? kept : droppedObjects).push(entry);
  }
  return { objects: kept, droppedFiles, droppedObjects };
}

/** The path conditions that are false; every one is evaluated, whether files match or not. */
function falseGlobs({ spec }: PackageManifest, conditions: ConditionEnvironment): string[] {
  return spec.filter.paths.flatMap(({ glob, expression }) => {
    try {
      return conditions.evaluate(expression) ? [] : [glob];
    } catch (error) {
      throw filterError(`invalid spec.conditionalPaths expression: ${glob}: `, error);
    }
  });
}

function matchesGlob(glob: string, path: string): boolean {
  try {
    return matchPathGlob(glob, path);
  } catch (error) {
    if (error instanceof GlobSyntaxError) throw filterError("", error);
    throw error;
  }
}

function filterError(prefix: string, cause: unknown): PackageError {
  return new PackageError("template", prefix + (cause as Error).message, { cause });
}

function holds({ object }: PackageObject, conditions: ConditionEnvironment): boolean {
  const expression = annotationOf(object, manifestAnnotations.condition);
  if (expression === undefined) return true;
  try {
    return conditions.evaluate(expression);
  } catch (error) {
    const { metadata } = object;
    const name = isJsonObject(metadata) ? metadata["name"] : undefined;
    throw violationError({
      reason: "invalid-condition",
      details: (error as Error).message,
      subject: typeof name === "string" ? name : "",
    });
  }
}
