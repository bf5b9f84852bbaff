import { decodeYaml } from "@package-operator/kube-yaml";
import { createConditionEnvironment, SchemaError } from "@package-operator/schema";
import type { Package } from "../manifest.ts";
import { isObjectFile } from "../parse-objects.ts";
import { matchPathGlob } from "../path-glob.ts";
import { templateSuffix } from "../raw-package.ts";
import type { LintWarning, TextFile } from "./lint-package.ts";

/** Finds conditions that cannot be evaluated, that depend on nothing, or that take effect nowhere. */
export function lintConditions({ manifest, files }: Package, texts: readonly TextFile[]): LintWarning[] {
  const { conditions, paths } = manifest.spec.filter;
  return [
    ...conditions.flatMap(({ name, expression }) =>
      lintExpression(expression, { path: "manifest.yaml", place: `"${name}" of spec.filter.conditions` }),
    ),
    ...paths.flatMap(({ glob, expression }) =>
      lintExpression(expression, { path: "manifest.yaml", place: `for "${glob}" of spec.filter.paths` }),
    ),
    ...texts.flatMap(annotationsOf).flatMap(({ expression, ...place }) => lintExpression(expression, place)),
    ...unusedConditions(
      conditions.map(({ name }) => name),
      [...texts.map(({ text }) => text), ...paths.map(({ expression }) => expression)],
    ),
    ...unmatchedGlobs(
      paths.map(({ glob }) => glob),
      [...files.keys()],
    ),
  ];
}

interface Place {
  readonly path: string;
  readonly line?: number;
  /** The condition in words. */
  readonly place: string;
}

/** The values that conditions see, as far as their types go. */
const context = { package: {}, config: {}, images: {}, dependencies: {}, environment: {} };

function lintExpression(expression: string, { place, ...where }: Place): LintWarning[] {
  const problem = problemOf(expression, context);
  if (problem?.code === "cel-compile" || problem?.code === "cel-return-type") {
    return [{ ...where, code: "invalid-condition", message: `condition ${place}: ${problem.message}` }];
  }
  // What can be evaluated without any variable has always the same result; `cond` is there without a context, too.
  if (/\bcond\b/.test(expression) || problemOf(expression, {}) !== undefined) return [];
  const result = createConditionEnvironment({}).evaluate(expression);
  const message = `condition ${place} is always ${result}: it depends on nothing`;
  return [{ ...where, code: "constant-condition", message }];
}

function problemOf(
  expression: string,
  values: Parameters<typeof createConditionEnvironment>[0],
): { readonly code: string; readonly message: string } | undefined {
  try {
    createConditionEnvironment(values).evaluate(expression);
    return undefined;
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return { code: error.code, message: error.message.split("\n")[0]! };
  }
}

const annotation = /^\s*(["']?)package-operator\.run\/condition\1:\s+(.+)$/;

/** Condition annotations that stand on a line of their own, without a template in them. */
function annotationsOf({ path, text }: TextFile): (Place & { readonly expression: string })[] {
  return text.split("\n").flatMap((content, index) => {
    const value = annotation.exec(content)?.[2];
    if (value === undefined || /\{\{|^[|>]/.test(value)) return [];
    const line = index + 1;
    const expression = textOf(value);
    return expression === undefined ? [] : [{ path, line, place: `in ${path} line ${line}`, expression }];
  });
}

function textOf(yaml: string): string | undefined {
  try {
    const value = decodeYaml(yaml);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

const macros = new Set(["all", "exists", "exists_one", "filter", "map"]);

function unusedConditions(names: readonly string[], texts: readonly string[]): LintWarning[] {
  const used = new Set<string | undefined>();
  for (const text of texts) {
    for (const [, field, key] of text.matchAll(/\bcond\b(?:\s*\.\s*(\w+)|\s*\[\s*["'](\w+)["']\s*\])?/g)) {
      used.add(field !== undefined && macros.has(field) ? undefined : (field ?? key));
    }
  }
  // Whatever takes the map as a whole may mean each of them.
  if (used.has(undefined)) return [];
  return names
    .filter((name) => !used.has(name))
    .map((name) => ({
      code: "unused-condition",
      path: "manifest.yaml",
      message: `condition "${name}" of spec.filter.conditions is used nowhere`,
    }));
}

function unmatchedGlobs(globs: readonly string[], files: readonly string[]): LintWarning[] {
  const rendered = files
    .map((file) => (file.endsWith(templateSuffix) ? file.slice(0, -templateSuffix.length) : file))
    .filter(isObjectFile);
  return globs
    .filter((glob) => !rendered.some((file) => matches(glob, file)))
    .map((glob) => ({
      code: "unmatched-path",
      path: "manifest.yaml",
      message: `"${glob}" of spec.filter.paths matches no file with objects`,
    }));
}

function matches(glob: string, file: string): boolean {
  try {
    return matchPathGlob(glob, file);
  } catch {
    return false;
  }
}
