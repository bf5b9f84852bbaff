import type { DynamicCache, KubeClient } from "@package-operator/kube";

/** The cluster the objects of a phase live in. */
export interface Cluster {
  readonly client: KubeClient;
  /** Reads objects that carry the cache label; every kind of the phase must be registered there. */
  readonly cache: Pick<DynamicCache, "get">;
}

/** Options of everything that talks to the cluster. */
export interface RolloutOptions {
  signal?: AbortSignal | undefined;
}
