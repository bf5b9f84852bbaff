import type { ApiResource } from "./api-resource.ts";
import { formatApiVersion, parseApiVersion } from "./object.ts";

/** The parts used of `apidiscovery.k8s.io/v2` `APIGroupDiscoveryList`. */
export interface AggregatedDiscovery {
  kind: "APIGroupDiscoveryList";
  items?: {
    metadata?: { name?: string };
    versions?: { version: string; resources?: AggregatedResource[] }[];
  }[];
}

interface AggregatedResource {
  resource: string;
  responseKind?: { group?: string; version?: string; kind?: string };
  scope?: string;
  singularResource?: string;
  verbs?: string[];
  shortNames?: string[];
  categories?: string[];
  subresources?: { subresource: string }[];
}

/** The parts used of `v1` `APIResourceList`. */
export interface ResourceList {
  kind?: string;
  resources?: {
    name: string;
    kind: string;
    singularName?: string;
    namespaced: boolean;
    verbs?: string[];
    shortNames?: string[];
    categories?: string[];
  }[];
}

/** Resources by apiVersion, keeping the order, which is the server's preference. */
export function resourcesOfAggregated(document: AggregatedDiscovery): [string, readonly ApiResource[]][] {
  return (document.items ?? []).flatMap((item) => {
    const group = item.metadata?.name ?? "";
    return (item.versions ?? []).map(({ version, resources = [] }): [string, readonly ApiResource[]] => [
      formatApiVersion(group, version),
      resources.map((entry) => ({
        group,
        version,
        kind: entry.responseKind?.kind ?? "",
        resource: entry.resource,
        singular: entry.singularResource ?? "",
        namespaced: entry.scope === "Namespaced",
        verbs: entry.verbs ?? [],
        shortNames: entry.shortNames ?? [],
        categories: entry.categories ?? [],
        subresources: (entry.subresources ?? []).map((sub) => sub.subresource),
      })),
    ]);
  });
}

/** Resources of one group version; entries such as `pods/log` become subresources of their parent. */
export function resourcesOfList(apiVersion: string, list: ResourceList): readonly ApiResource[] {
  const entries = list.resources ?? [];
  const { group, version } = parseApiVersion(apiVersion);
  return entries
    .filter((entry) => !entry.name.includes("/"))
    .map((entry) => ({
      group,
      version,
      kind: entry.kind,
      resource: entry.name,
      singular: entry.singularName ?? "",
      namespaced: entry.namespaced,
      verbs: entry.verbs ?? [],
      shortNames: entry.shortNames ?? [],
      categories: entry.categories ?? [],
      subresources: entries
        .filter((other) => other.name.startsWith(`${entry.name}/`))
        .map((other) => other.name.slice(entry.name.length + 1)),
    }));
}
