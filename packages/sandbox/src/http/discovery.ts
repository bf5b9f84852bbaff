import type { JsonObject } from "../json.ts";
import { recordedVersion } from "../builtin/kubernetes.generated.ts";
import type { ApiGroup, ResourceCatalog } from "../resources/catalog.ts";
import type { Resource } from "../resources/resource.ts";

/** `/version`: the release whose behaviour and schemas the server follows. */
export function versionInfo(): JsonObject {
  const [major = "", minor = ""] = recordedVersion.slice(1).split(".");
  return {
    major,
    minor,
    gitVersion: `${recordedVersion}+sandbox`,
    gitCommit: "",
    gitTreeState: "",
    buildDate: "1970-01-01T00:00:00Z",
    goVersion: "",
    compiler: "",
    platform: "linux/amd64",
  };
}

/** `/api`: versions of the core group. */
export function coreVersions(address: string): JsonObject {
  return {
    kind: "APIVersions",
    versions: ["v1"],
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: address }],
  };
}

/** `/apis`: the named groups. */
export function groupList(catalog: ResourceCatalog): JsonObject {
  return { kind: "APIGroupList", apiVersion: "v1", groups: catalog.groups().map(groupEntry) };
}

/** `/apis/GROUP`, undefined for an unknown group. */
export function groupInfo(catalog: ResourceCatalog, name: string): JsonObject | undefined {
  const group = catalog.groups().find((item) => item.name === name);
  return group === undefined ? undefined : { kind: "APIGroup", apiVersion: "v1", ...groupEntry(group) };
}

function groupEntry({ name, versions }: ApiGroup): JsonObject {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] ?? null };
}

/** `/api/v1` and `/apis/GROUP/VERSION`: the resources of a version, undefined when it is not served. */
export function resourceList(
  catalog: ResourceCatalog,
  group: string,
  version: string,
): JsonObject | undefined {
  const resources = catalog.list({ group, version });
  if (resources.length === 0) return undefined;
  const groupVersion = group === "" ? version : `${group}/${version}`;
  return {
    kind: "APIResourceList",
    ...(group === "" ? {} : { apiVersion: "v1" }),
    groupVersion,
    resources: resources.flatMap(resourceEntries),
  };
}

function resourceEntries(resource: Resource): JsonObject[] {
  const { namespaced, kind } = resource;
  return [
    {
      name: resource.plural,
      singularName: resource.singular,
      namespaced,
      kind,
      verbs: [...resource.verbs],
      ...(resource.shortNames.length === 0 ? {} : { shortNames: [...resource.shortNames] }),
      ...(resource.categories.length === 0 ? {} : { categories: [...resource.categories] }),
      ...(resource.verbs.includes("list") ? { storageVersionHash: "c2FuZGJveA==" } : {}),
    },
    ...resource.subresources.map((subresource) => ({
      name: `${resource.plural}/${subresource.name}`,
      singularName: "",
      namespaced,
      ...(subresource.group === resource.group
        ? {}
        : { group: subresource.group, version: subresource.version }),
      kind: subresource.kind,
      verbs: [...subresource.verbs],
    })),
  ];
}

/** Aggregated discovery of the core group or of all others (`apidiscovery.k8s.io`). */
export function aggregatedDiscovery(catalog: ResourceCatalog, core: boolean, version: string): JsonObject {
  const groups: ApiGroup[] = core ? [{ name: "", versions: ["v1"] }] : catalog.groups();
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name === "" ? {} : { name },
      versions: versions.map((item) => ({
        version: item,
        resources: catalog.list({ group: name, version: item }).map(discoveryEntry),
        freshness: "Current",
      })),
    })),
  };
}

function discoveryEntry(resource: Resource): JsonObject {
  const own = { group: resource.group, version: resource.version, kind: resource.kind };
  return {
    resource: resource.plural,
    responseKind: own,
    scope: resource.namespaced ? "Namespaced" : "Cluster",
    singularResource: resource.singular,
    verbs: [...resource.verbs],
    ...(resource.shortNames.length === 0 ? {} : { shortNames: [...resource.shortNames] }),
    ...(resource.categories.length === 0 ? {} : { categories: [...resource.categories] }),
    ...(resource.subresources.length === 0
      ? {}
      : {
          subresources: resource.subresources.map(({ name, verbs, ...kind }) => ({
            subresource: name,
            responseKind: { group: kind.group, version: kind.version, kind: kind.kind },
            verbs: [...verbs],
          })),
        }),
  };
}
