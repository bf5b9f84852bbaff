import { manifestAnnotations } from "@package-operator/api";
import { encodeYaml, type JsonObject } from "@package-operator/kube-yaml";
import { manifestGroup, manifestVersion } from "../manifest.ts";
import { objectAt, textAt } from "./json-fields.ts";
import { type KindKey, needsProbe, phaseOf, phases, probes } from "./known-kinds.ts";
import type { Parameter } from "./parameter.ts";
import { createParametrizer } from "./parametrize.ts";
import { identifyObjects, type SourceObject } from "./source-object.ts";

/** A new package. */
export interface KickstartedPackage {
  /** Content of the package's folder by path. */
  readonly files: ReadonlyMap<string, string>;
  /** How many objects were given; namespaces that were added do not count. */
  readonly objectCount: number;
  /** Kinds that nothing tells the availability of, in alphabetical order. */
  readonly kindsWithoutProbes: readonly KindKey[];
  /** Whether the manifest names images, which have to be locked before the package is complete. */
  readonly hasImages: boolean;
}

/**
 * Makes a package of existing objects: a phase by kind for each of them, probes for the kinds that are known, a Namespace
 * for every namespace that is used and not given.
 *
 * @param name name of the package.
 * @throws PackageError `io` for objects that cannot be told apart or have no name.
 */
export function kickstartPackage(
  name: string,
  given: readonly JsonObject[],
  wanted: ReadonlySet<Parameter> = new Set(),
): KickstartedPackage {
  const objects = identifyObjects(given);
  const parametrizer = createParametrizer(wanted, clusterKindsIn(objects));
  const files = new Map<string, string>();
  const all = [...objects, ...missingNamespaces(objects)];
  const taken = new Set<string>();
  for (const source of all) {
    const { text, isTemplate } = parametrizer.write(inPhase(source));
    const path = freePath(taken, source);
    files.set(isTemplate ? `${path}.gotmpl` : path, text);
  }
  const kinds = [...new Set(objects.map(({ kind }) => kind))].toSorted();
  const images = parametrizer.images();
  const configuration =
    wanted.size === 0
      ? {}
      : { config: { openAPIV3Schema: parametrizer.schema() }, ...(images.length === 0 ? {} : { images }) };
  files.set(
    "manifest.yaml",
    encodeYaml({
      apiVersion: `${manifestGroup}/${manifestVersion}`,
      kind: "PackageManifest",
      metadata: { name },
      spec: {
        scopes: ["Cluster", "Namespaced"],
        phases: usedPhases(all),
        availabilityProbes: kinds.flatMap(probesOf).toSorted(byKind),
        ...configuration,
      },
      ...(wanted.size === 0 ? {} : { test: { template: [{ name: "defaults", context: {} }] } }),
    }),
  );
  return {
    files,
    objectCount: objects.length,
    kindsWithoutProbes: kinds.filter(needsProbe),
    hasImages: images.length > 0,
  };
}

function inPhase(source: SourceObject): SourceObject {
  const metadata = objectAt(source.object, "metadata");
  const annotations = objectAt(metadata, "annotations");
  return {
    ...source,
    object: {
      ...source.object,
      metadata: {
        ...metadata,
        annotations: { ...annotations, [manifestAnnotations.phase]: phaseOf(source.kind) },
      },
    },
  };
}

/** Slashes in names become dashes, so that no name leads out of the folder. */
function freePath(taken: Set<string>, { kind, name }: SourceObject): string {
  const kindName = kind.split(".")[0]!.toLowerCase();
  const base = `${phaseOf(kind)}/${name.toLowerCase().replaceAll("/", "-")}.${kindName}`;
  let path = `${base}.yaml`;
  for (let count = 1; taken.has(path); count += 1) path = `${base}-${count}.yaml`;
  taken.add(path);
  return path;
}

function missingNamespaces(objects: readonly SourceObject[]): SourceObject[] {
  const given = new Set(objects.filter(({ kind }) => kind === "Namespace").map(({ name }) => name));
  const used = new Set(objects.map(({ namespace }) => namespace).filter((namespace) => namespace !== ""));
  return [...used]
    .filter((namespace) => !given.has(namespace))
    .toSorted()
    .map((namespace) => ({
      object: { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
      kind: "Namespace",
      name: namespace,
      namespace: "",
    }));
}

function usedPhases(objects: readonly SourceObject[]): JsonObject[] {
  const used = new Set(objects.map(({ kind }) => phaseOf(kind)));
  return phases.filter(({ name }) => used.has(name)).map(({ name }) => ({ name }));
}

function probesOf(key: KindKey): JsonObject[] {
  const list = Object.hasOwn(probes, key) ? probes[key]! : [];
  if (list.length === 0) return [];
  const dot = key.indexOf(".");
  const [kind, group] = dot === -1 ? [key, ""] : [key.slice(0, dot), key.slice(dot + 1)];
  return [{ probes: [...list], selector: { kind: { group, kind } } }];
}

function byKind(a: JsonObject, b: JsonObject): number {
  const key = ({ selector }: JsonObject): string => {
    const { kind } = selector as { readonly kind: { readonly group: string; readonly kind: string } };
    return `${kind.group} ${kind.kind}`;
  };
  return key(a) < key(b) ? -1 : 1;
}

/** The custom resources whose definition stands among the objects and says that they have no namespace. */
function clusterKindsIn(objects: readonly SourceObject[]): ReadonlySet<KindKey> {
  const definitions = objects.filter(({ kind }) => kind === "CustomResourceDefinition.apiextensions.k8s.io");
  return new Set(
    definitions.flatMap(({ object }) => {
      const spec = objectAt(object, "spec");
      const kind = textAt(objectAt(spec, "names"), "kind");
      return spec["scope"] === "Cluster" ? [`${kind}.${textAt(spec, "group")}`] : [];
    }),
  );
}
