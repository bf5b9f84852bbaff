import { fieldManagers, leaseNames } from "@package-operator/api";
import { type Controller, runManager } from "@package-operator/controller";
import { servesHostedClusters } from "../environment/detect.ts";
import { at } from "../errors.ts";
import type { ManagerOptions } from "../options/manager-options.ts";
import type { OpenedStores } from "../runtime/stores.ts";
import { type Assembly, assemble, createElector } from "./assembly.ts";
import { type Base, connect, leaseNamespace } from "./cluster.ts";
import {
  objectDeploymentController,
  objectSetController,
  objectSetPhaseController,
  objectTemplateController,
  ownPhases,
  packageController,
} from "./controllers.ts";
import { openHyperShift, readSubComponents, watchForHyperShift } from "./hypershift.ts";
import { startListeners } from "./listeners.ts";

/** Runs the operator until it is told to stop, or HyperShift appears; throws what ends it before. */
export async function runOperator(base: Base, options: ManagerOptions): Promise<void> {
  const { context, logger, metrics } = base;
  const { clock, env } = context;
  const subComponents = readSubComponents(options);
  const client = await connect(base, { kubeconfig: options.kubeconfig, fieldManager: fieldManagers.manager });
  try {
    const namespace = await leaseNamespace(options.namespace, context);
    const hyperShift = await servesHostedClusters(client, context).catch((error: unknown) => {
      throw at("environment", "setting up HyperShift integration", error);
    });
    if (hyperShift) logger.info("detected HostedCluster API, enabling HyperShift integration");
    const forceAdoption = () => Boolean(env["PKO_FORCE_ADOPTION"]);
    const assembly = await assemble(base, client, options, { forceAdoption });
    const restart = new AbortController();
    const watch = watchForHyperShift({ client, clock, logger, restart: () => restart.abort() });
    const lease = { namespace, name: leaseNames.manager };
    const controllers = [assembly.cluster, assembly.namespaced].flatMap((scope) =>
      controllersOf(scope, assembly, options),
    );
    const integration = hyperShift ? openHyperShift(base, assembly, subComponents) : undefined;
    controllers.push(...(integration?.controllers ?? []));
    await runManager({
      signal: AbortSignal.any([context.signal, restart.signal]),
      logger,
      clock,
      listen: () => startListeners(options, metrics.handler, context),
      controllers,
      caches: [...assembly.caches(), ...(integration?.caches ?? [])],
      ...(options.enableLeaderElection ? { leaderElector: createElector(base, client, lease) } : {}),
      leaderTasks: hyperShift ? [] : [watch],
    });
  } finally {
    await client.close();
  }
}

function controllersOf(
  stores: OpenedStores,
  { runtime, make }: Assembly,
  options: ManagerOptions,
): Controller[] {
  const templates = {
    ...runtime,
    retryAfterMs: options.objectTemplateRetry,
    optionalRetryAfterMs: options.objectTemplateOptionalRetry,
  };
  return [
    packageController(stores, runtime, make),
    objectDeploymentController(stores, runtime, make),
    objectSetController(stores, runtime, make),
    objectSetPhaseController(stores, { ...runtime, ...ownPhases }, make),
    objectTemplateController(stores, templates, make),
  ];
}
