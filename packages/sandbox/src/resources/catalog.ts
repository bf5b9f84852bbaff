import { apiVersionOf, collectionOf, type Resource } from "./resource.ts";

/** What asks for a resource. */
export interface ResourceName {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

/** A group as discovery lists it, versions in order of preference. */
export interface ApiGroup {
  readonly name: string;
  readonly versions: readonly string[];
}

/** Every resource that is served: built-in ones for good, custom ones as definitions come and go. */
export class ResourceCatalog {
  readonly #builtin: readonly Resource[];
  readonly #custom = new Map<string, readonly Resource[]>();
  readonly #listeners = new Set<() => void>();
  #byName = new Map<string, Resource>();
  #byKind = new Map<string, Resource>();
  #byCollection = new Map<string, Resource>();

  constructor(builtin: readonly Resource[]) {
    this.#builtin = builtin;
    this.#index();
  }

  /** Serves the versions of one custom resource definition, replacing what it served before; none to stop. */
  setCustom(definition: string, resources: readonly Resource[]): void {
    if (resources.length === 0) this.#custom.delete(definition);
    else this.#custom.set(definition, resources);
    this.#index();
    for (const listener of this.#listeners) listener();
  }

  /** Calls back after every change; returns how to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The resource of a request path, undefined when it is not served. */
  find({ group, version, plural }: ResourceName): Resource | undefined {
    return this.#byName.get(`${group}/${version}/${plural}`);
  }

  /** The resource of an object's `apiVersion` and `kind`. */
  findKind(apiVersion: string, kind: string): Resource | undefined {
    return this.#byKind.get(`${apiVersion}/${kind}`);
  }

  /** All served resources, of one group version when given. */
  list(groupVersion?: { readonly group: string; readonly version: string }): Resource[] {
    return [...this.#byName.values()]
      .filter(
        (resource) =>
          groupVersion === undefined ||
          (resource.group === groupVersion.group && resource.version === groupVersion.version),
      )
      .toSorted((a, b) => (a.plural < b.plural ? -1 : 1));
  }

  /** One resource per collection, in the version objects are stored in. */
  storageVersions(): Resource[] {
    return [...this.#byCollection.values()];
  }

  /** The resource of a collection, in the version objects are stored in. */
  findCollection(collection: string): Resource | undefined {
    return this.#byCollection.get(collection);
  }

  /** Named groups (not the core group) in discovery order: built-in ones first. */
  groups(): ApiGroup[] {
    const groups = new Map<string, Set<string>>();
    for (const resource of [...this.#builtin, ...[...this.#custom.values()].flat()]) {
      if (resource.group === "") continue;
      const versions = groups.get(resource.group) ?? new Set();
      groups.set(resource.group, versions.add(resource.version));
    }
    return [...groups].map(([name, versions]) => ({
      name,
      versions: [...versions].toSorted(compareVersions),
    }));
  }

  #index(): void {
    const all = [...this.#builtin, ...[...this.#custom.values()].flat()];
    this.#byName = new Map(all.map((item) => [`${apiVersionKey(item)}/${item.plural}`, item]));
    const stored = all.filter((item) => apiVersionOf(item) === item.storageApiVersion);
    this.#byCollection = new Map(stored.map((item) => [collectionOf(item), item]));
    this.#byKind = new Map(all.map((item) => [`${apiVersionOf(item)}/${item.kind}`, item]));
  }
}

function apiVersionKey(resource: Resource): string {
  return `${resource.group}/${resource.version}`;
}

/** Orders versions as Kubernetes prefers them: stable before beta before alpha, newer before older, then by name. */
export function compareVersions(a: string, b: string): number {
  const left = parseVersion(a);
  const right = parseVersion(b);
  if (left === undefined || right === undefined) {
    if (left !== undefined) return -1;
    if (right !== undefined) return 1;
    return a < b ? -1 : Number(a > b);
  }
  return right.stability - left.stability || right.major - left.major || right.minor - left.minor;
}

function parseVersion(version: string): { stability: number; major: number; minor: number } | undefined {
  const match = /^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$/.exec(version);
  if (match === null) return undefined;
  const [, major, level, minor] = match;
  const stability = level === undefined ? 2 : level === "beta" ? 1 : 0;
  return { stability, major: Number(major), minor: Number(minor ?? 0) };
}
