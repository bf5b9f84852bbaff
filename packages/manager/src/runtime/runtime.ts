import type { Clock, DynamicCache, KubeClient } from "@package-operator/kube";
import type { Logger } from "@package-operator/controller";
import type { ObjectSet } from "../resources.ts";
import type { ObjectMetrics } from "./object-metrics.ts";

/** What every controller works with. */
export interface Runtime {
  readonly client: KubeClient;
  /** Objects with the cache label, of the kinds that were registered. */
  readonly cache: DynamicCache;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ObjectMetrics;
  /** Whether a set may take over objects from anybody. */
  forceAdoption(set: ObjectSet): boolean;
}
