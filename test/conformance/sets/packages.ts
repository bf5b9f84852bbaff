import { encodeJson, isJsonObject, type JsonObject } from "@package-operator/kube-yaml";
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
  copySourceItems,
  createConditionEnvironment,
  formatFieldError,
  type SourceItem,
} from "@package-operator/schema";
import { outcome, type VectorSet, vectorSet, withoutSyntaxDetails } from "../vector-set.ts";

const names = { manifestName: "vec-pkg", packageName: "vec-instance" };

function rawPackage(files: Readonly<Record<string, string>>): RawPackage {
  return {
    files: new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])),
    labels: {},
  };
}

interface SourceVector {
  readonly items: SourceItem[];
  readonly object: JsonObject;
  readonly config?: JsonObject;
  readonly error?: string;
}

interface RenderVector {
  readonly files: Readonly<Record<string, string>>;
  readonly conditions?: PackageManifest["spec"]["filter"]["conditions"] | null;
  readonly paths?: PackageManifest["spec"]["filter"]["paths"] | null;
  readonly context: JsonObject;
  readonly error?: string;
}

/** A package with the vector's filters, whose one template test carries the vector's context through the decoders. */
function packageOf({ files, conditions, paths, context }: RenderVector): Package {
  const manifest = encodeJson({
    apiVersion: "manifests.package-operator.run/v1alpha1",
    kind: "PackageManifest",
    metadata: { name: names.manifestName },
    spec: { filter: { conditions: [...(conditions ?? [])], paths: [...(paths ?? [])] } },
    test: { template: [{ name: "context", context }] },
  });
  return loadPackage(rawPackage({ "manifest.yaml": manifest, ...files }));
}

function prepare(pkg: Package, context: JsonObject): { json: JsonObject; conditions: ConditionEnvironment } {
  const given = pkg.manifest.test.template[0]!.context;
  const references = (value: unknown): Record<string, string> | null =>
    isJsonObject(value) ? (value as Record<string, string>) : null;
  const json = contextJson({
    package: given.package,
    config: given.config ?? null,
    images: references(context["images"]),
    dependencies: references(context["dependencies"]),
    environment: given.environment,
  });
  return { json, conditions: createConditionEnvironment(json, pkg.manifest.spec.filter.conditions) };
}

function comparable(result: { value: unknown } | { error: string }): unknown {
  return "error" in result ? { error: withoutSyntaxDetails(result.error) } : result;
}

function renderFiles(vector: RenderVector): Record<string, string> {
  const pkg = packageOf(vector);
  let prepared: ReturnType<typeof prepare>;
  try {
    prepared = prepare(pkg, vector.context);
  } catch (error) {
    throw new Error(`constructing CEL context: ${(error as Error).message}`, { cause: error });
  }
  const rendered = renderTemplates(pkg.files, prepared.json, prepared.conditions);
  const outputs = [...rendered].filter(([path, content]) => pkg.files.get(path) !== content);
  return Object.fromEntries(outputs.map(([path, content]) => [path, Buffer.from(content).toString("utf8")]));
}

function filter(vector: RenderVector): unknown {
  const pkg = packageOf(vector);
  const { conditions } = prepare(pkg, vector.context);
  const all = parseObjects(pkg.files, names);
  const { objects, droppedFiles, droppedObjects } = filterObjects(pkg.manifest, all, conditions);
  const inFile = (list: readonly PackageObject[], file: string): readonly PackageObject[] =>
    list.filter(({ path }) => path === file);
  const paths = [...new Set(all.map(({ path }) => path))];
  const filtered = paths.flatMap((path): [string, readonly number[] | null][] => {
    if (droppedFiles.has(path)) return [[path, null]];
    const dropped = inFile(droppedObjects, path).map(({ index }) => index);
    return dropped.length === 0 ? [] : [[path, dropped]];
  });
  const kept = paths
    .filter((path) => !droppedFiles.has(path))
    .map((path) => [
      path,
      inFile(objects, path).map(({ object }) => (object["metadata"] as JsonObject)["name"]),
    ]);
  return { objects: Object.fromEntries(kept), filtered: Object.fromEntries(filtered) };
}

export const packageSets: Readonly<Record<string, VectorSet>> = {
  yaml_objects: vectorSet<{ path: string; content: string; objects?: JsonObject[]; error?: string }>(
    ({ path, content, objects, error }) => ({
      expected: error === undefined ? { value: encodeJson(objects ?? []) } : { error },
      actual: outcome(() =>
        encodeJson(parseObjects(rawPackage({ [path]: content }).files, names).map(({ object }) => object)),
      ),
    }),
    "exact",
  ),
  manifest_validation: vectorSet<{ manifest: string; errors?: string[]; error?: string; loadError?: string }>(
    ({ manifest, errors, error, loadError }) => ({
      expected: errors === undefined ? { error: error ?? loadError } : { value: errors.toSorted() },
      actual: outcome(() => {
        const { manifest: loaded, lock } = loadPackage(rawPackage({ "manifest.yaml": manifest }));
        return manifestFieldErrors(loaded, lock).map(formatFieldError).toSorted();
      }),
    }),
  ),
  template_files: vectorSet<RenderVector & { outputs?: Record<string, string> }>((vector) => ({
    expected: comparable(vector.error === undefined ? { value: vector.outputs } : { error: vector.error }),
    actual: comparable(outcome(() => renderFiles(vector))),
  })),
  object_filter: vectorSet<RenderVector & { objects?: object; filtered?: object | null }>((vector) => {
    const { objects, filtered, error } = vector;
    return {
      expected: comparable(
        error === undefined ? { value: { objects, filtered: filtered ?? {} } } : { error },
      ),
      actual: comparable(outcome(() => filter(vector))),
    };
  }),
  source_jsonpath: vectorSet<SourceVector>(
    ({ items, object, config, error }) => ({
      // Errors show the integers of the object, the configuration holds doubles.
      expected:
        error === undefined ? { value: JSON.parse(encodeJson(config ?? null)) as unknown } : { error },
      actual: outcome(() => {
        const copied: JsonObject = {};
        copySourceItems(items, object, copied);
        return copied;
      }),
    }),
    "exact",
  ),
};
