import { define, fileFunctions, packageFunctions, Template } from "@package-operator/go-template";
import { parseReference } from "@package-operator/image";
import { compareUtf8 } from "@package-operator/kube-yaml";
import type { Package } from "../manifest.ts";
import { isObjectFile } from "../parse-objects.ts";
import { templateSuffix } from "../raw-package.ts";
import { imageUses } from "./image-uses.ts";
import { lintConditions } from "./lint-conditions.ts";

/**
 * - `template`: a template does not parse, or calls a function that does not exist;
 * - `undeclared-image`: a template uses an image that the manifest does not declare;
 * - `unused-image`: an image is declared or locked and no template uses it;
 * - `literal-image`: an image is written out, so no lock pins it and no override reaches it;
 * - `invalid-condition`: a condition does not compile, or is not a boolean;
 * - `constant-condition`: a condition depends on nothing, so it is always true or never;
 * - `unused-condition`: a named condition is used nowhere;
 * - `unmatched-path`: a path condition matches no file.
 */
export type LintWarningCode =
  | "template"
  | "undeclared-image"
  | "unused-image"
  | "literal-image"
  | "invalid-condition"
  | "constant-condition"
  | "unused-condition"
  | "unmatched-path";

/** Something in a package that is allowed and probably a mistake. */
export interface LintWarning {
  readonly code: LintWarningCode;
  readonly message: string;
  /** File, relative to the package or component. */
  readonly path: string;
  /** From 1. */
  readonly line?: number;
  readonly component?: string;
}

/** Finds what validation lets pass and users then meet in the cluster, in a package and its components. Never throws. */
export function lintPackage(pkg: Package): readonly LintWarning[] {
  const components = pkg.components.flatMap((part) =>
    lintPart(part).map((warning) => ({ ...warning, component: part.manifest.metadata.name })),
  );
  return [...components, ...lintPart(pkg)];
}

function lintPart(part: Package): LintWarning[] {
  const texts = [...part.files]
    .filter(([path]) => path.endsWith(templateSuffix) || isObjectFile(path))
    .map(([path, content]): TextFile => ({ path, text: Buffer.from(content).toString("utf8") }))
    .toSorted((a, b) => compareUtf8(a.path, b.path));
  const templates = texts.filter(({ path }) => path.endsWith(templateSuffix));
  return [
    ...unparsable(part, templates),
    ...images(part, templates),
    ...texts.flatMap(literals),
    ...lintConditions(part, texts),
  ];
}

/** A template or a file with objects, as text. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** Every file is tried, so that one mistake does not hide the next. */
function unparsable(part: Package, templates: readonly TextFile[]): LintWarning[] {
  const cel = define(["string"], () => true);
  const functions = { ...packageFunctions(), ...fileFunctions(part.files), cel };
  const set = new Template({ name: "pkg", functions });
  return templates.flatMap(({ path, text }): LintWarning[] => {
    try {
      set.parse(path, text);
      return [];
    } catch (error) {
      return [{ code: "template", path, message: (error as Error).message }];
    }
  });
}

function images({ manifest, lock }: Package, templates: readonly TextFile[]): LintWarning[] {
  const uses = templates.map(({ path, text }) => ({ path, ...imageUses(text) }));
  const declared = new Set(manifest.spec.images.map(({ name }) => name));
  const used = new Set(uses.flatMap(({ names }) => [...names]));
  const undeclared = uses.flatMap(({ path, names }) =>
    [...names]
      .filter((name) => !declared.has(name))
      .map((name): LintWarning => {
        const message = `image "${name}" is used in ${path}, but not in spec.images of the manifest`;
        return { code: "undeclared-image", path, message };
      }),
  );
  // A template that walks through all images uses each of them.
  if (uses.some(({ isOpen }) => isOpen)) return undeclared;
  const unusedIn = (path: string, names: Iterable<string>, words: string): LintWarning[] =>
    [...names]
      .filter((name) => !used.has(name))
      .map((name) => ({
        code: "unused-image",
        path,
        message: `image "${name}" is ${words}, but no template uses it`,
      }));
  const lockedOnly = (lock?.spec.images ?? []).map(({ name }) => name).filter((name) => !declared.has(name));
  return [
    ...undeclared,
    ...unusedIn("manifest.yaml", declared, "in spec.images of the manifest"),
    ...unusedIn("manifest.lock.yaml", lockedOnly, "in the lock"),
  ];
}

/** `image: reference`, alone on its line, in a list, or in a flow mapping or JSON. */
const literal = /(?:^[\s-]*|[{,]\s*)"?image"?:\s+(["']?)([^\s"'{}#,\]]+)\1\s*(?=$|[,}]|#)/g;

function literals({ path, text }: TextFile): LintWarning[] {
  const rendered = path.endsWith(templateSuffix) ? path.slice(0, -templateSuffix.length) : path;
  if (!isObjectFile(rendered)) return [];
  return text.split("\n").flatMap((content, index): LintWarning[] => {
    const line = index + 1;
    return [...content.matchAll(literal)]
      .map(([, , reference]) => reference!)
      .filter(isReference)
      .map((reference) => {
        const message =
          `image "${reference}" is written out in ${path} line ${line}: it is not in the lock, and image overrides do ` +
          `not reach it`;
        return { code: "literal-image", path, line, message };
      });
  });
}

function isReference(text: string): boolean {
  try {
    parseReference(text);
    return true;
  } catch {
    return false;
  }
}
