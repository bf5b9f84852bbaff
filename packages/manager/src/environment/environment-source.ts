import type { CallOptions, Clock, KubeClient } from "@package-operator/kube";
import type { Logger } from "@package-operator/controller";
import { detectEnvironment, hostedClusterKind } from "./detect.ts";
import type { Environment } from "@package-operator/packaging";
import { controlPlaneNamespace } from "../hosted-cluster/hosted-clusters.ts";
import { hostedClusterFacts } from "./environment.ts";

/** How long a detected environment is good for. */
const refreshInterval = 60_000;

/** The environment as last detected, kept up to date while {@link EnvironmentSource.run} runs. */
export interface EnvironmentSource {
  readonly current: Environment;
  /** The environment of objects in `namespace`; empty for cluster-scoped ones. Looks for its hosted cluster anew. */
  forNamespace(namespace: string, options?: CallOptions): Promise<Environment>;
  /** Detects again every minute until aborted; a failure keeps what is known. */
  run(signal: AbortSignal): Promise<void>;
}

/** Detects the environment once and returns its source. Throws `ManagerError` `environment`. */
export async function createEnvironmentSource(options: {
  client: KubeClient;
  clock: Clock;
  logger: Logger;
  signal?: AbortSignal;
}): Promise<EnvironmentSource> {
  const { client, clock, logger, signal } = options;
  let current = await detectEnvironment(client, { signal });
  logger.info("detected environment", { environment: current });
  return {
    get current() {
      return current;
    },
    async forNamespace(namespace, callOptions) {
      if (current.hyperShift === undefined || namespace === "") return current;
      const { items } = await client.list(hostedClusterKind, callOptions);
      const hostedCluster = items.find((item) => controlPlaneNamespace(item) === namespace);
      return {
        ...current,
        hyperShift: { hostedCluster: hostedCluster ? hostedClusterFacts(hostedCluster) : null },
      };
    },
    async run(stop) {
      while (!stop.aborted) {
        try {
          await clock.sleep(refreshInterval, { signal: stop });
          current = await detectEnvironment(client, { signal: stop });
        } catch (error) {
          if (!stop.aborted) logger.error(error, "detecting the environment");
        }
      }
    },
  };
}
