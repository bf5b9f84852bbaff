import { type ConditionEnvironment, createConditionEnvironment } from "@package-operator/schema";
import { PackageError } from "./errors.ts";
import { type FilteredObjects, filterObjects } from "./filter-objects.ts";
import type { Package } from "./manifest.ts";
import { type PackageObject, parseObjects } from "./parse-objects.ts";
import type { PackageFiles } from "./raw-package.ts";
import { contextJson, type RenderContext } from "./render-context.ts";
import { renderTemplates } from "./render-templates.ts";
import { validateObjects } from "./validate-objects.ts";

/** A rendered package with what became of every file, for those who look closer than at its objects. */
export interface Rendering extends FilteredObjects {
  /** All files, outputs of templates among them. */
  readonly files: PackageFiles;
  /** Every object, before conditions took some out. */
  readonly allObjects: readonly PackageObject[];
}

/**
 * Renders the objects of a package, of one part alone: templates, reading, object checks, conditions. Objects come in the
 * order of their paths and documents.
 *
 * @throws PackageError `template` for templates and expressions, `violation` for objects.
 */
export function renderPackage(pkg: Package, context: RenderContext): readonly PackageObject[] {
  return renderDetails(pkg, context).objects;
}

/** Like `renderPackage`, and tells what was filtered. */
export function renderDetails(pkg: Package, context: RenderContext): Rendering {
  const { manifest } = pkg;
  const json = contextJson(context);
  const conditions = conditionsOf(pkg, json);
  const files = renderTemplates(pkg.files, json, conditions);
  const allObjects = parseObjects(files, {
    manifestName: manifest.metadata.name,
    packageName: context.package.metadata.name,
  });
  validateObjects(manifest, allObjects);
  return { files, allObjects, ...filterObjects(manifest, allObjects, conditions) };
}

function conditionsOf({ manifest }: Package, json: ReturnType<typeof contextJson>): ConditionEnvironment {
  try {
    return createConditionEnvironment(json, manifest.spec.filter.conditions);
  } catch (cause) {
    throw new PackageError("template", `constructing CEL context: ${(cause as Error).message}`, { cause });
  }
}
