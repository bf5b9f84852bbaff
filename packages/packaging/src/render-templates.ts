import {
  decodeText,
  define,
  encodeText,
  fileFunctions,
  formatData,
  fromJson,
  type FunctionMap,
  GoMap,
  packageFunctions,
  stringMap,
  Template,
  type Value,
} from "@package-operator/go-template";
import { compareUtf8, type JsonObject } from "@package-operator/kube-yaml";
import type { ConditionEnvironment } from "@package-operator/schema";
import { PackageError } from "./errors.ts";
import { type PackageFiles, templateSuffix } from "./raw-package.ts";

/**
 * Executes every template of a package and returns all its files: the given ones and, in place of plain files of the
 * same name, the outputs. Files run in byte order of their paths and share definitions; `getFile` sees the given files
 * and the outputs so far.
 *
 * @throws PackageError `template`, with TemplateError as cause.
 */
export function renderTemplates(
  given: PackageFiles,
  context: JsonObject,
  conditions: ConditionEnvironment,
): PackageFiles {
  const paths = [...given.keys()].filter((path) => path.endsWith(templateSuffix)).toSorted(compareUtf8);
  if (paths.length === 0) return given;
  const files = new Map(given);
  const functions = { ...packageFunctions(), ...fileFunctions(files), ...conditionFunctions(conditions) };
  const template = new Template({ name: "pkg", functions, missingKey: "error" });
  for (const path of paths) {
    attempt(`parsing template from ${path}: `, () => template.parse(path, given.get(path) ?? ""));
  }
  const data = templateData(context);
  for (const path of paths) {
    const output = attempt(
      () => `executing template from ${path} with context ${formatData(data)}: `,
      () => template.executeBytes(path, data),
    );
    files.set(path.slice(0, -templateSuffix.length), output);
  }
  return files;
}

function conditionFunctions(conditions: ConditionEnvironment): FunctionMap {
  return { cel: define(["string"], ([expression]) => conditions.evaluate(decodeText(expression))) };
}

function attempt<T>(prefix: string | (() => string), run: () => T): T {
  try {
    return run();
  } catch (cause) {
    const words = typeof prefix === "string" ? prefix : prefix();
    throw new PackageError("template", words + (cause as Error).message, { cause });
  }
}

/**
 * The context as Go's values. Labels and annotations that the package does not have are maps of strings, as in the Go
 * operator: packages rely on `index` giving the empty string there rather than `<no value>`.
 */
function templateData(context: JsonObject): Value {
  const data = fromJson(context);
  const metadata = entry(entry(data, "package"), "metadata");
  if (!(metadata instanceof GoMap)) return data;
  for (const name of ["labels", "annotations"].map(encodeText)) {
    if (metadata.entries.get(name) === null) metadata.entries.set(name, stringMap());
  }
  return data;
}

function entry(value: Value | undefined, name: string): Value | undefined {
  return value instanceof GoMap ? value.entries.get(encodeText(name)) : undefined;
}
