import type { ControlLoop } from "./control-loop.ts";
import type { ControllerContext } from "./controller-context.ts";
import { startDeploymentController } from "./deployment-controller.ts";
import { startGarbageCollector } from "./garbage-collector.ts";
import { startJobController } from "./job-controller.ts";
import { startNamespaceController } from "./namespace-controller.ts";
import { startReplicaSetController } from "./replica-set-controller.ts";
import { startServiceAccountController } from "./service-account-controller.ts";
import { startTtlController } from "./ttl-controller.ts";

/** Starts what a cluster's controller manager does for the kinds of the sandbox. */
export function startControllers(context: ControllerContext): { close(): void } {
  const loops: ControlLoop[] = [
    startNamespaceController(context),
    startGarbageCollector(context),
    startServiceAccountController(context),
    startReplicaSetController(context),
    startDeploymentController(context),
    startJobController(context),
    startTtlController(context),
  ];
  return {
    close: () => {
      for (const loop of loops) loop.close();
    },
  };
}
