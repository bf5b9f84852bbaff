import type { Logger, Task } from "@package-operator/controller";
import type { Clock, KubeClient } from "@package-operator/kube";
import { servesHostedClusters } from "../environment/detect.ts";

/** How often to look whether HyperShift was installed. */
const interval = 10_000;

/** Ends the process, by `restart`, when HyperShift is installed later, so that it comes back with its controllers. */
export function watchForHyperShift(options: {
  client: KubeClient;
  clock: Clock;
  logger: Logger;
  restart: () => void;
}): Task {
  const { client, clock, logger, restart } = options;
  return async (signal) => {
    do {
      await clock.sleep(interval, { signal });
    } while (!(await servesHostedClusters(client, { signal })));
    logger.info("detected hypershift installation after setup completed, restarting operator");
    restart();
  };
}
