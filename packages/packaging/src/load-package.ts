import { decodeLock, decodeManifest } from "./decode-manifest.ts";
import { violationError, type Violation } from "./errors.ts";
import { PackageError } from "./errors.ts";
import type { Package } from "./manifest.ts";
import {
  componentsFolder,
  lockNames,
  manifestNames,
  type PackageFiles,
  type RawPackage,
} from "./raw-package.ts";

/**
 * Understands the structure of a package: manifest, lock and components.
 * @throws PackageError `violation`.
 */
export function loadPackage(raw: RawPackage): Package {
  return loadFiles(raw.files, undefined);
}

/**
 * Loads what is deployed when a package is installed: the root, or one component, each without the others.
 * @throws PackageError `violation`.
 */
export function loadComponent(raw: RawPackage, component = ""): Package {
  const root = readManifest(raw.files, undefined);
  if (root.spec.components === undefined) {
    if (component === "") return loadPackage(raw);
    throw violationError({ reason: "components-not-enabled" });
  }
  if (component === "") {
    const files = new Map([...raw.files].filter(([path]) => !path.startsWith(`${componentsFolder}/`)));
    return loadFiles(files, undefined);
  }
  const prefix = `${componentsFolder}/${component}/`;
  const isName = component !== "." && component !== ".." && !component.includes("/");
  const files = new Map(
    [...raw.files].flatMap(([path, content]) =>
      isName && path.startsWith(prefix) ? [[path.slice(prefix.length), content] as const] : [],
    ),
  );
  if (files.size === 0) throw violationError({ reason: "component-not-found", component });
  return loadFiles(files, component);
}

function loadFiles(files: PackageFiles, component: string | undefined): Package {
  return inComponent(component, () => {
    const manifest = readManifest(files, component);
    const lock = readLock(files);
    const rest = new Map(files);
    for (const name of [...manifestNames, ...lockNames]) rest.delete(name);
    const loaded = { manifest, ...(lock === undefined ? {} : { lock }) };
    if (manifest.spec.components === undefined) return { ...loaded, files: rest, components: [] };
    if (component !== undefined) throw violationError({ reason: "nested-components" });
    const split = splitComponents(rest);
    const components = [...split.components]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, content]) => loadFiles(content, name));
    return { ...loaded, files: split.root, components };
  });
}

function splitComponents(files: PackageFiles): {
  root: PackageFiles;
  components: ReadonlyMap<string, PackageFiles>;
} {
  const root = new Map<string, Uint8Array>();
  const components = new Map<string, Map<string, Uint8Array>>();
  for (const [path, content] of files) {
    const [folder, name, ...below] = path.split("/");
    if (folder !== componentsFolder) {
      root.set(path, content);
      continue;
    }
    if (below.length === 0) throw violationError({ reason: "stray-component-file", path });
    const component = components.get(name!) ?? new Map<string, Uint8Array>();
    components.set(name!, component.set(below.join("/"), content));
  }
  return { root, components };
}

/** Adds the component to every violation that comes out of it. */
function inComponent<T>(component: string | undefined, load: () => T): T {
  if (component === undefined) return load();
  try {
    return load();
  } catch (error) {
    if (!(error instanceof PackageError) || error.code !== "violation") throw error;
    throw violationError(
      ...error.violations.map((violation): Violation => Object.assign({ component }, violation)),
    );
  }
}

function readManifest(files: PackageFiles, component: string | undefined): Package["manifest"] {
  const found = manifestNames.filter((name) => files.has(name));
  if (found.length > 1) throw violationError({ reason: "manifest-duplicated" });
  const [name] = found;
  if (name === undefined) {
    throw violationError({
      reason: "manifest-not-found",
      details: `searched at ${manifestNames.join(" and ")}`,
    });
  }
  const manifest = decodeManifest(files.get(name)!, name);
  // A component is called by its folder, whatever its manifest says.
  return component === undefined
    ? manifest
    : { ...manifest, metadata: { ...manifest.metadata, name: component } };
}

function readLock(files: PackageFiles): Package["lock"] {
  const found = lockNames.filter((name) => files.has(name));
  if (found.length > 1) throw violationError({ reason: "lock-duplicated" });
  const [name] = found;
  return name === undefined ? undefined : decodeLock(files.get(name)!, name);
}
