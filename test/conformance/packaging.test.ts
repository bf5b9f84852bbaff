import { readFileSync } from "node:fs";
import { encodeJson, type JsonObject, parseJson } from "@package-operator/kube-yaml";
import {
  contextJson,
  filterObjects,
  loadPackage,
  manifestFieldErrors,
  type Package,
  type PackageManifest,
  type PackageObject,
  parseObjects,
  type RawPackage,
  renderTemplates,
} from "@package-operator/packaging";
import {
  type ConditionEnvironment,
  createConditionEnvironment,
  formatFieldError,
} from "@package-operator/schema";
import { describe, expect, test } from "vitest";
import { outcome, readVectors } from "./read-vectors.ts";

function raw(files: Readonly<Record<string, string>>): RawPackage {
  return {
    files: new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])),
    labels: {},
  };
}

/** Vectors whose integers are larger than a double can hold. */
function readExactVectors(name: string): JsonObject[] {
  const text = readFileSync(new URL(`vectors/${name}.jsonl`, import.meta.url), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => parseJson(line) as JsonObject);
}

describe("yaml_objects", () => {
  const names = { manifestName: "vec-pkg", packageName: "vec-instance" };

  test.each(readExactVectors("yaml_objects"))("$id", ({ path, content, objects, error }) => {
    const { files } = raw({ [path as string]: content as string });
    const actual = outcome(() => encodeJson(parseObjects(files, names).map(({ object }) => object)));
    expect(actual).toEqual(error === undefined ? { value: encodeJson(objects) } : { error });
  });
});

describe("manifest_validation", () => {
  interface Vector {
    readonly id: string;
    readonly manifest: string;
    readonly errors?: readonly string[];
    readonly error?: string;
    readonly loadError?: string;
  }

  test.each(readVectors<Vector>("manifest_validation"))("$id", ({ manifest, errors, error, loadError }) => {
    const actual = outcome(() => {
      const { manifest: loaded, lock } = loadPackage(raw({ "manifest.yaml": manifest }));
      return manifestFieldErrors(loaded, lock).map(formatFieldError).toSorted();
    });
    expect(actual).toEqual(errors === undefined ? { error: error ?? loadError } : { value: errors });
  });
});

interface RenderVector {
  readonly id: string;
  readonly files: Readonly<Record<string, string>>;
  readonly conditions?: PackageManifest["spec"]["filter"]["conditions"];
  readonly paths?: PackageManifest["spec"]["filter"]["paths"];
  readonly context: JsonObject;
  readonly error?: string;
}

/** A package with the vector's filters, whose one template test carries the vector's context through the decoders. */
function packageOf({ files, conditions = [], paths = [], context }: RenderVector): Package {
  const manifest = encodeJson({
    apiVersion: "manifests.package-operator.run/v1alpha1",
    kind: "PackageManifest",
    metadata: { name: "vec-pkg" },
    spec: { filter: { conditions, paths } },
    test: { template: [{ name: "context", context }] },
  });
  return loadPackage(raw({ "manifest.yaml": manifest, ...files }));
}

function prepare(
  pkg: Package,
  { images, dependencies }: JsonObject,
): { json: JsonObject; conditions: ConditionEnvironment } {
  const context = pkg.manifest.test.template[0]!.context;
  const json = contextJson({
    package: context.package,
    config: context.config ?? null,
    images: (images ?? null) as Record<string, string> | null,
    dependencies: (dependencies ?? null) as Record<string, string> | null,
    environment: context.environment,
  });
  return { json, conditions: createConditionEnvironment(json, pkg.manifest.spec.filter.conditions) };
}

/** The CEL library's parser words syntax errors by its grammar's tables; ours says what it expected instead. */
function withoutSyntaxDetails(result: { value?: unknown; error?: string }): {
  value?: unknown;
  error?: string;
} {
  return result.error === undefined
    ? result
    : { error: result.error.replace(/ERROR: <input>:.*Syntax error: .*$/s, "") };
}

/** Go's glob library cuts the last character of a fixed part to one byte, so that `?` misses `é`; ours does not. */
const wholeCharacters = new Set(["files/glob/21b082de55", "files/glob/416e74b184"]);

describe("template_files", () => {
  interface Vector extends RenderVector {
    readonly outputs?: Readonly<Record<string, string>>;
  }

  const vectors = readVectors<Vector>("template_files").filter(({ id }) => !wholeCharacters.has(id));
  test.each(vectors)("$id", (vector) => {
    const pkg = packageOf(vector);
    const actual = outcome(() => {
      const { json, conditions } = withPrefix("constructing CEL context: ", () =>
        prepare(pkg, vector.context),
      );
      const rendered = renderTemplates(pkg.files, json, conditions);
      const outputs = [...rendered].filter(([path, content]) => pkg.files.get(path) !== content);
      return Object.fromEntries(outputs.map(([path, content]) => [path, Buffer.from(content).toString()]));
    });
    const expected = vector.error === undefined ? { value: vector.outputs } : { error: vector.error };
    expect(withoutSyntaxDetails(actual)).toEqual(withoutSyntaxDetails(expected));
  });
});

describe("object_filter", () => {
  interface Vector extends RenderVector {
    readonly objects?: Readonly<Record<string, readonly string[]>>;
    readonly filtered?: Readonly<Record<string, readonly number[] | null>>;
  }

  test.each(readVectors<Vector>("object_filter"))("$id", (vector) => {
    const pkg = packageOf(vector);
    const actual = outcome(() => {
      const { conditions } = prepare(pkg, vector.context);
      const all = parseObjects(pkg.files, { manifestName: "vec-pkg", packageName: "vec-instance" });
      const { objects, droppedFiles, droppedObjects } = filterObjects(pkg.manifest, all, conditions);
      const inFile = (list: readonly PackageObject[], file: string): readonly PackageObject[] =>
        list.filter(({ path }) => path === file);
      const paths = [...new Set(all.map(({ path }) => path))];
      const filtered = paths.flatMap((path): [string, readonly number[] | null][] => {
        if (droppedFiles.has(path)) return [[path, null]];
        const dropped = inFile(droppedObjects, path).map(({ index }) => index);
        return dropped.length === 0 ? [] : [[path, dropped]];
      });
      const names = paths
        .filter((path) => !droppedFiles.has(path))
        .map((path) => [
          path,
          inFile(objects, path).map(({ object }) => (object["metadata"] as JsonObject)["name"]),
        ]);
      return { objects: Object.fromEntries(names), filtered: Object.fromEntries(filtered) };
    });
    const { objects, filtered = {}, error } = vector;
    const expected = error === undefined ? { value: { objects, filtered } } : { error };
    expect(withoutSyntaxDetails(actual)).toEqual(withoutSyntaxDetails(expected));
  });
});

function withPrefix<T>(prefix: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new Error(prefix + (error as Error).message, { cause: error });
  }
}
