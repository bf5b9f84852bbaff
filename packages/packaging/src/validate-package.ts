import { joined, PackageError, prefixed, violationError } from "./errors.ts";
import type { Package } from "./manifest.ts";
import { parseObjects } from "./parse-objects.ts";
import { templateSuffix } from "./raw-package.ts";
import { fieldErrorText, manifestFieldErrors } from "./validate-manifest.ts";
import { validateObjects } from "./validate-objects.ts";

/** The two scopes a package may be installed in. */
export type PackageScope = "Cluster" | "Namespaced";

/**
 * Runs the checks that need no rendering, on the package and its components; with a scope also whether the package may
 * be installed there. All checks run.
 *
 * @throws PackageError with the texts of all findings, one below the other.
 */
export function validatePackage(pkg: Package, options: { readonly scope?: PackageScope } = {}): void {
  const errors = [
    () => checkFields(pkg),
    () => forEachPart(pkg, checkLock),
    () => forEachPart(pkg, checkStaticFiles),
    () => checkScope(pkg, options.scope),
  ].flatMap(collect);
  if (errors.length > 0) throw joined(errors);
}

function collect(check: () => void): PackageError[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof PackageError) return [error];
    throw error;
  }
}

/** Components in name order first, with their name in front of messages, then the root. */
function forEachPart(pkg: Package, check: (part: Package) => void): void {
  for (const component of pkg.components) {
    try {
      check(component);
    } catch (error) {
      if (!(error instanceof PackageError)) throw error;
      throw prefixed(`component "${component.manifest.metadata.name}": `, error);
    }
  }
  check(pkg);
}

function checkFields(pkg: Package): void {
  forEachPart(pkg, (part) => {
    const text = fieldErrorText(manifestFieldErrors(part.manifest, part.lock));
    if (text !== undefined) throw new PackageError("fields", text);
  });
}

/** Manifest and lock must name the same images; the first difference is reported. */
function checkLock({ manifest, lock }: Package): void {
  const { images } = manifest.spec;
  if (lock === undefined) {
    if (images.length === 0) return;
    throw violationError({ reason: "lock-missing-image", path: "manifest.lock.yaml" });
  }
  const locked = new Map(lock.spec.images.map((image) => [image.name, image.image]));
  for (const { name, image } of images) {
    const other = locked.get(name);
    if (other === undefined) throw violationError({ reason: "lock-missing-image", details: name });
    if (other !== image) {
      throw violationError({ reason: "lock-differs", details: `"${name}": "${image}" vs "${other}"` });
    }
  }
  const declared = new Set(images.map(({ name }) => name));
  const extra = lock.spec.images.find(({ name }) => !declared.has(name));
  if (extra !== undefined) throw violationError({ reason: "lock-differs", details: extra.name });
}

/** A package with template tests has its objects checked there, rendered. */
function checkStaticFiles({ manifest, files }: Package): void {
  if (manifest.test.template.length > 0) return;
  const plain = new Map([...files].filter(([path]) => !path.endsWith(templateSuffix)));
  try {
    validateObjects(manifest, parseObjects(plain, { manifestName: manifest.metadata.name, packageName: "" }));
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    throw prefixed("loading package from files: ", error);
  }
}

function checkScope({ manifest }: Package, scope: PackageScope | undefined): void {
  if (scope === undefined || manifest.spec.scopes.includes(scope)) return;
  throw violationError({ reason: "unsupported-scope", path: "manifest.yaml" });
}
