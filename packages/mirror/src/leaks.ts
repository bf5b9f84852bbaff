import { parseReference } from "@package-operator/image";
import { staticImage } from "@package-operator/packaging";
import { member, workloadImages } from "./pod-images.ts";

/** An image that an object names by itself, where no override rule reaches. */
export interface ImageLeak {
  readonly reference: string;
  /** Kind and name of the object. */
  readonly object: string;
  /** The field, for example `spec.template.spec.containers[0].image`. */
  readonly path: string;
  /** The package or file, with the component where it is not the root. */
  readonly in: string;
  readonly component?: string;
}

type Literal = Pick<ImageLeak, "reference" | "object" | "path">;

/**
 * Finds what looks like an image in an object: every image of a workload; in other fields only complete references, or any
 * with tag or digest where the field's name ends in "image". What stems from a lock stands as a placeholder and is left out.
 */
export function findLiterals(object: unknown): Literal[] {
  const kind = member(object, "kind");
  const name = member(member(object, "metadata"), "name");
  const title = [kind, name].filter((part) => typeof part === "string").join(" ");
  const found = new Map<string, Literal>();
  const add = (reference: string, path: string): void => {
    if (!reference.startsWith(staticImage))
      found.set(`${path} ${reference}`, { reference, object: title, path });
  };
  for (const { image, path } of workloadImages(object)) add(image, path);
  const known = new Set([...workloadImages(object).map(({ path }) => path), ...packageImagePaths(object)]);
  walk(object, "", (text, path) => {
    if (known.has(path)) return;
    for (const reference of referencesIn(text, path)) add(reference, path);
  });
  return [...found.values()];
}

/** Fields that are rewritten when the package is pulled. */
function packageImagePaths(object: unknown): string[] {
  const apiVersion = member(object, "apiVersion");
  const isOurs = typeof apiVersion === "string" && apiVersion.startsWith("package-operator.run/");
  return isOurs ? ["spec.image", "spec.template.spec.image"] : [];
}

function walk(value: unknown, path: string, visit: (text: string, path: string) => void): void {
  if (typeof value === "string") visit(value, path);
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) walk(item, `${path}[${index}]`, visit);
  else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) walk(item, path === "" ? key : `${path}.${key}`, visit);
  }
}

/** Images may stand in arguments (`--image=…`), lists, and whole files inside of ConfigMaps. */
function referencesIn(text: string, path: string): string[] {
  if (/image$/i.test(path) && isReference(text)) return [text];
  const words = text.split(/[\s"'`,;=()<>{}[\]|]+/).map((word) => word.replace(/^(docker|oci):\/\//, ""));
  return words.filter(isCompleteReference);
}

function isReference(text: string): boolean {
  try {
    const { kind, tag } = parseReference(text);
    return kind === "digest" || tag !== undefined || /:[\w.-]+$/.test(text);
  } catch {
    return false;
  }
}

/** Whether a text has registry, path, and tag or digest; anything less is too likely something else. */
export function isCompleteReference(text: string): boolean {
  try {
    const { registry, repository } = parseReference(text, { strict: true });
    // Where two slashes meet, it is a URL.
    return /^[^/]+(\/[^/]+)+$/.test(repository) && /[.:]/.test(registry);
  } catch {
    return false;
  }
}
