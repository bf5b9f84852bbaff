import type { JsonObject } from "../json.ts";
import type { Column, Resource, Subresource } from "../resources/resource.ts";
import { definitionType } from "./definitions.ts";
import { resourceLines } from "./kubernetes.generated.ts";
import { cellsOf } from "./printers.ts";
import { builtinStrategies } from "./strategies.ts";

/** One line of the recorded discovery. */
interface RecordedResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: string[];
  readonly shortNames?: string[];
  readonly categories?: string[];
  readonly groupVersion: string;
  readonly definition: string;
  readonly columns: Column[];
}

/** The built-in resources of the sandbox, as recorded from a real API server, with their rules. */
export function createBuiltinResources(): Resource[] {
  const recorded = resourceLines.split("\n").map((line) => JSON.parse(line) as RecordedResource);
  return recorded.filter(({ name }) => !name.includes("/")).map((entry) => createResource(entry, recorded));
}

const endpointsDeprecation = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";

function createResource(entry: RecordedResource, all: readonly RecordedResource[]): Resource {
  const [group, version] = splitGroupVersion(entry.groupVersion);
  const collection = `${group}/${entry.name}`;
  return {
    group,
    version,
    plural: entry.name,
    singular: entry.singularName,
    kind: entry.kind,
    listKind: `${entry.kind}List`,
    namespaced: entry.namespaced,
    verbs: entry.verbs,
    shortNames: entry.shortNames ?? [],
    categories: entry.categories ?? [],
    subresources: all
      .filter(
        ({ groupVersion, name }) => groupVersion === entry.groupVersion && name.startsWith(`${entry.name}/`),
      )
      .map((subresource) => createSubresource(subresource)),
    storageApiVersion: entry.groupVersion,
    type: definitionType(entry.definition),
    custom: false,
    definition: entry.definition,
    ...(collection === "/endpoints" ? { deprecation: endpointsDeprecation } : {}),
    columns: entry.columns,
    cells: (object: JsonObject, now: number) => cellsOf(collection, object, now),
    strategy: builtinStrategies[collection] ?? {},
  };
}

function createSubresource(entry: RecordedResource): Subresource {
  const [group, version] = splitGroupVersion(entry.groupVersion);
  return {
    name: entry.name.slice(entry.name.indexOf("/") + 1),
    group: entry.group ?? group,
    version: entry.version ?? version,
    kind: entry.kind,
    verbs: entry.verbs,
  };
}

function splitGroupVersion(text: string): [string, string] {
  const [first = "", second] = text.split("/");
  return second === undefined ? ["", first] : [first, second];
}
