import type { CallOptions } from "./kube-client.ts";
import type { KindRef } from "./object.ts";

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

/** What the server serves. Answers are kept; a miss asks the server once more before it is believed. */
export interface Discovery {
  /** The resource of a kind; throws `UnknownKind`. */
  resourceFor(kind: KindRef, options?: CallOptions): Promise<ApiResource>;
  /** Whether the kind is served now; never throws for kinds that are not. */
  serves(kind: KindRef, options?: CallOptions): Promise<boolean>;
  /** Every resource in every served version, the preferred version of each group first. */
  all(options?: CallOptions): Promise<readonly ApiResource[]>;
  /** Forgets what is known of a group version, or everything. */
  invalidate(apiVersion?: string): void;
  /** `GET /version`: the `gitVersion`, with its leading `v`. */
  serverVersion(options?: CallOptions): Promise<string>;
}
