import {
  admitConfig,
  type LockImage,
  type Package,
  PackageError,
  type RenderContext,
  renderPackage,
  staticImage,
} from "@package-operator/packaging";
import { findLiterals } from "./leaks.ts";
import { member } from "./pod-images.ts";

/** A package that another one installs, by what its object says. */
export interface InstalledPackage {
  readonly reference: string;
  /** The lock entry that the reference came from; undefined for one written out. */
  readonly locked: LockImage | undefined;
}

/** What a package renders that has to do with images. */
export interface RenderedImages {
  readonly packages: readonly InstalledPackage[];
  /** Images that its objects name by themselves. */
  readonly literals: ReturnType<typeof findLiterals>;
  /** Why something could not be rendered, and is therefore not known. */
  readonly warnings: readonly string[];
}

/**
 * Renders a package with the contexts of its template tests, or with defaults where it has none, and finds the packages it
 * installs and the images it names. `reference` is its own image.
 */
export function renderedImages(pkg: Package, reference: string): RenderedImages {
  const found = new Map<string, InstalledPackage>();
  const literals = new Map<string, RenderedImages["literals"][number]>();
  const warnings = new Set<string>();
  for (const context of contextsOf(pkg)) {
    try {
      for (const { object } of renderPackage(pkg, context)) {
        const image = packageImageOf(object);
        // A package of files has no image yet, so neither has one that it installs from itself.
        const isUnnamed = image === ownImage && reference === "";
        if (image !== undefined && !isUnnamed) found.set(image, resolvePlaceholder(image, pkg, reference));
        for (const literal of findLiterals(object)) literals.set(JSON.stringify(literal), literal);
      }
    } catch (error) {
      if (!(error instanceof PackageError)) throw error;
      warnings.add(`could not be rendered, so packages that it installs are not known: ${error.message}`);
    }
  }
  return { packages: [...found.values()], literals: [...literals.values()], warnings: [...warnings] };
}

/** Stands for the package's own image, which is rewritten wherever a package is made of it. */
const ownImage = `${staticImage}/package`;

function contextsOf(pkg: Package): RenderContext[] {
  const { manifest, lock } = pkg;
  const images = placeholders(lock?.spec.images ?? [], "images");
  const dependencies = placeholders(lock?.spec.dependencies ?? [], "dependencies");
  const tests = manifest.test.template.map(({ context }) => context);
  const fallback = {
    package: { metadata: { name: manifest.metadata.name, namespace: "default" }, image: ownImage },
    environment: { kubernetes: { version: "v1.0.0" } },
  };
  return (tests.length === 0 ? [fallback] : tests).map((context) => ({
    package: { ...context.package, image: ownImage },
    config: admitConfig(manifest, "config" in context ? context.config : undefined).config,
    environment: context.environment,
    images,
    dependencies,
  }));
}

/** A reference for each entry that can be told from all others, as the real ones may be the same. */
function placeholders(entries: readonly LockImage[], list: string): Record<string, string> {
  return Object.fromEntries(entries.map(({ name }, index) => [name, `${staticImage}/${list}/${index}`]));
}

function resolvePlaceholder(image: string, { lock }: Package, own: string): InstalledPackage {
  if (image === ownImage) return { reference: own, locked: undefined };
  const [list, index] = image.startsWith(`${staticImage}/`)
    ? image.slice(staticImage.length + 1).split("/")
    : [];
  const entries =
    list === "images" ? lock?.spec.images : list === "dependencies" ? lock?.spec.dependencies : undefined;
  const locked = entries?.[Number(index)];
  return { reference: locked?.image ?? image, locked };
}

function packageImageOf(object: unknown): string | undefined {
  const apiVersion = member(object, "apiVersion");
  if (typeof apiVersion !== "string" || !apiVersion.startsWith("package-operator.run/")) return undefined;
  const spec = member(object, "spec");
  const kind = member(object, "kind");
  const holder = kind === "HostedClusterPackage" ? member(member(spec, "template"), "spec") : spec;
  const isPackage = kind === "Package" || kind === "ClusterPackage" || kind === "HostedClusterPackage";
  const image = isPackage ? member(holder, "image") : undefined;
  return typeof image === "string" && image !== "" ? image : undefined;
}
