/** How one kind in one version is served. */
export interface ApiResource {
  group: string;
  version: string;
  kind: string;
  /** Plural name in paths. */
  resource: string;
  singular: string;
  namespaced: boolean;
  verbs: readonly string[];
  shortNames: readonly string[];
  categories: readonly string[];
  /** Names of subresources, such as `status` and `scale`. */
  subresources: readonly string[];
}
