/** Files by path: slash-separated, relative, without leading `./`. */
export type PackageFiles = ReadonlyMap<string, Uint8Array>;

/** A package as it comes out of a folder or an image, before anything is understood. */
export interface RawPackage {
  readonly files: PackageFiles;
  /** Labels of the image; empty for folders. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Folder of an image that holds the package. */
export const imageFolder = "package";
/** Folder of a package that holds its components. */
export const componentsFolder = "components";
/** Files whose name ends so are templates. */
export const templateSuffix = ".gotmpl";
/** Folder with the expected renderings of template tests; hidden, so never part of an image. */
export const fixturesFolder = ".test-fixtures";
export const manifestNames = ["manifest.yaml", "manifest.yml"] as const;
export const lockNames = ["manifest.lock.yaml", "manifest.lock.yml"] as const;
/** Stands for every image in template tests and trees. */
export const staticImage = "registry.package-operator.run/static-image";

/**
 * Orders paths so that `/` comes before every other character: a folder's content stands right behind a file named like
 * it. This is the order of objects in a package.
 */
export function comparePaths(a: string, b: string): number {
  const left = Buffer.from(a.replaceAll("/", "\0"));
  const right = Buffer.from(b.replaceAll("/", "\0"));
  return Buffer.compare(left, right);
}

/** Whether a segment of the path is hidden; such files never belong to a package. */
export function isHiddenPath(path: string): boolean {
  return path.split("/").some((segment) => segment.startsWith("."));
}
