import type { ApiResource } from "./api-resource.ts";
import { cancellable } from "./cancellable.ts";
import { isKubeError, isNotFound, KubeError } from "./errors.ts";
import {
  type AggregatedDiscovery,
  type ResourceList,
  resourcesOfAggregated,
  resourcesOfList,
} from "./discovery-document.ts";
import type { KindRef } from "./object.ts";
import type { CallOptions } from "./options.ts";
import type { Transport } from "./transport.ts";

/** What the server serves. Answers are kept; a miss asks the server once more before it is believed. */
export interface Discovery {
  /** The resource of a kind; throws `UnknownKind`. */
  resourceFor(kind: KindRef, options?: CallOptions): Promise<ApiResource>;
  /** Whether the kind is served now; other failures than that are thrown. */
  serves(kind: KindRef, options?: CallOptions): Promise<boolean>;
  /** Every resource in every served version; within a group the preferred version comes first. */
  all(options?: CallOptions): Promise<readonly ApiResource[]>;
  /** Forgets what is known of a group version, or everything. */
  invalidate(apiVersion?: string): void;
  /** `GET /version`: the `gitVersion`, with its leading `v`. */
  serverVersion(options?: CallOptions): Promise<string>;
}

const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

/**
 * Discovery over a transport. The first question loads everything (two requests where the server aggregates);
 * later misses ask only for their group version.
 */
export function createDiscovery(transport: Transport): Discovery {
  /** Resources by apiVersion, in the server's order of preference. */
  let known: Promise<Map<string, readonly ApiResource[]>> | undefined;
  const refreshing = new Map<string, Promise<readonly ApiResource[]>>();

  async function fetchJson<T>(
    path: string,
    { signal, accept }: CallOptions & { accept?: string } = {},
  ): Promise<T> {
    const response = await transport.send({ method: "GET", path, ...(accept && { accept }) }, { signal });
    try {
      return JSON.parse(response.body) as T;
    } catch (cause) {
      throw new KubeError("InvalidResponse", `GET ${path}: the answer is not JSON`, { cause });
    }
  }

  async function loadGroupVersion(apiVersion: string): Promise<readonly ApiResource[]> {
    const path = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    try {
      return resourcesOfList(apiVersion, await fetchJson<ResourceList>(path));
    } catch (error) {
      if (isNotFound(error)) return [];
      throw error;
    }
  }

  /** One of `/api` and `/apis`: aggregated, or the older form with one request per group version. */
  async function loadRoot(path: "/api" | "/apis"): Promise<[string, readonly ApiResource[]][]> {
    const document = await fetchJson<AggregatedDiscovery | LegacyRoot>(path, { accept: aggregated });
    if (document.kind === "APIGroupDiscoveryList")
      return resourcesOfAggregated(document as AggregatedDiscovery);
    const versions = legacyVersions(document);
    return Promise.all(
      versions.map(async (apiVersion): Promise<[string, readonly ApiResource[]]> => {
        // An aggregated API whose server is down must not hide all others.
        const resources = await loadGroupVersion(apiVersion).catch((error: unknown) => {
          if (isKubeError(error) && error.code === "ApiStatus") return [];
          throw error;
        });
        return [apiVersion, resources];
      }),
    );
  }

  function load(): Promise<Map<string, readonly ApiResource[]>> {
    const loading = Promise.all([loadRoot("/api"), loadRoot("/apis")]).then(
      ([core, groups]) => new Map([...core, ...groups]),
    );
    loading.catch(() => {
      if (known === loading) known = undefined;
    });
    return loading;
  }

  function everything(): Promise<Map<string, readonly ApiResource[]>> {
    known ??= load();
    return known;
  }

  async function refresh(apiVersion: string): Promise<readonly ApiResource[]> {
    let running = refreshing.get(apiVersion);
    if (!running) {
      running = loadGroupVersion(apiVersion).finally(() => refreshing.delete(apiVersion));
      refreshing.set(apiVersion, running);
    }
    const resources = await running;
    const map = await everything();
    if (resources.length > 0) map.set(apiVersion, resources);
    else map.delete(apiVersion);
    return resources;
  }

  async function lookUp({ apiVersion, kind }: KindRef): Promise<ApiResource | undefined> {
    const find = (resources: readonly ApiResource[] | undefined) =>
      resources?.find((item) => item.kind === kind);
    return find((await everything()).get(apiVersion)) ?? find(await refresh(apiVersion));
  }

  return {
    async resourceFor(kind, options) {
      const resource = await cancellable(lookUp(kind), options?.signal);
      if (resource) return resource;
      throw new KubeError(
        "UnknownKind",
        `no matches for kind "${kind.kind}" in version "${kind.apiVersion}"`,
      );
    },
    async serves(kind, options) {
      return (await cancellable(lookUp(kind), options?.signal)) !== undefined;
    },
    async all(options) {
      return [...(await cancellable(everything(), options?.signal)).values()].flat();
    },
    invalidate(apiVersion) {
      if (apiVersion === undefined) known = undefined;
      else void known?.then((map) => map.delete(apiVersion)).catch(() => undefined);
    },
    async serverVersion(options) {
      const { gitVersion } = await fetchJson<{ gitVersion?: string }>("/version", options);
      if (!gitVersion) throw new KubeError("InvalidResponse", "GET /version: no gitVersion");
      return gitVersion;
    },
  };
}

interface LegacyRoot {
  kind?: string;
  versions?: string[];
  groups?: { preferredVersion?: { groupVersion: string }; versions: { groupVersion: string }[] }[];
}

/** Group versions of the older discovery form, the preferred version of each group first. */
function legacyVersions(root: LegacyRoot): string[] {
  const versions = new Set(root.versions);
  for (const group of root.groups ?? []) {
    if (group.preferredVersion) versions.add(group.preferredVersion.groupVersion);
    for (const version of group.versions) versions.add(version.groupVersion);
  }
  return [...versions];
}
