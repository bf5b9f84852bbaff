import type { Logger } from "@package-operator/controller";
import type { CallOptions, Clock, KubeClient } from "@package-operator/kube";
import type { Environment } from "@package-operator/packaging";
import { controlPlaneNamespace } from "../hosted-cluster/hosted-clusters.ts";
import { detectEnvironment, hostedClusterKind } from "./detect.ts";
import { hostedClusterFacts } from "./environment.ts";

/** How long a detected environment is good for, in milliseconds. */
const goodFor = 60_000;

/** The environment, detected again when it is asked for and the last look is a minute old. */
export interface EnvironmentSource {
  /**
   * The environment of objects in `namespace`, empty for cluster-scoped ones; looks for its hosted cluster anew. When
   * detection fails, what is known stays in use.
   */
  forNamespace(namespace: string, options?: CallOptions): Promise<Environment>;
}

/** Detects the environment once and returns its source. Throws `ManagerError` `environment`. */
export async function createEnvironmentSource(options: {
  client: KubeClient;
  clock: Clock;
  logger: Logger;
  signal?: AbortSignal;
}): Promise<EnvironmentSource> {
  const { client, clock, logger, signal } = options;
  let known = await detectEnvironment(client, { signal });
  logger.info("detected environment", { environment: known });
  let lookedAt = clock.monotonic();
  let looking: Promise<void> | undefined;

  /** Nobody asks an idle operator, so it sends no requests; several who ask at once share one look. */
  const refresh = async (): Promise<void> => {
    try {
      known = await detectEnvironment(client, { signal });
    } catch (error) {
      logger.error(error, "detecting the environment");
    }
    lookedAt = clock.monotonic();
    looking = undefined;
  };

  return {
    async forNamespace(namespace, callOptions) {
      if (clock.monotonic() - lookedAt > goodFor) await (looking ??= refresh());
      if (known.hyperShift === undefined || namespace === "") return known;
      const { items } = await client.list(hostedClusterKind, callOptions);
      const hostedCluster = items.find((item) => controlPlaneNamespace(item) === namespace);
      return {
        ...known,
        hyperShift: { hostedCluster: hostedCluster ? hostedClusterFacts(hostedCluster) : null },
      };
    },
  };
}
