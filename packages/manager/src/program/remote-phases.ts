import { fieldManagers, leaseNames } from "@package-operator/api";
import { runManager } from "@package-operator/controller";
import { annotationOwnership } from "@package-operator/rollout";
import type { PhaseRuntime } from "../object-set-phase/reconcile.ts";
import type { RemotePhaseOptions } from "../options/remote-phase-options.ts";
import { registerCacheMetrics } from "../runtime/object-metrics.ts";
import { openStores } from "../runtime/stores.ts";
import { clusterKinds, namespacedKinds, type ScopedKinds } from "../scope.ts";
import { createElector } from "./assembly.ts";
import { type Base, connect, leaseNamespace, openCache } from "./cluster.ts";
import { controllerFactory, objectSetPhaseController } from "./controllers.ts";
import { startListeners } from "./listeners.ts";

/**
 * Reads phases of one class in the management cluster and rolls out their objects in the target cluster. With a
 * namespace it serves only that one, and no cluster-scoped phases.
 */
export async function runRemotePhases(base: Base, options: RemotePhaseOptions): Promise<void> {
  const { context, logger, metrics } = base;
  const { clock } = context;
  const fieldManager = fieldManagers.remotePhaseManager;
  const management = await connect(base, { kubeconfig: options.kubeconfig, fieldManager });
  // Without a file the target is the cluster this pod runs in, whatever KUBECONFIG says of the management cluster.
  const { KUBECONFIG: _management, ...env } = context.env;
  const target = await connect(base, { kubeconfig: options.targetKubeconfig, fieldManager, env });
  try {
    await target.discovery.serverVersion(context);
    const cache = openCache(target, base);
    registerCacheMetrics(metrics.registry, cache);
    const { phaseClass } = options;
    const runtime: PhaseRuntime = {
      client: target,
      cache,
      clock,
      phaseClass,
      ownership: annotationOwnership,
    };
    const make = controllerFactory({ logger, clock, observe: (name) => metrics.controller(name) });
    const scopes = (options.namespace === "" ? [namespacedKinds, clusterKinds] : [namespacedKinds]).map(
      (kinds: ScopedKinds) =>
        openStores(kinds, {
          client: management,
          clock,
          ...(options.namespace === "" ? {} : { namespace: options.namespace }),
          onError: (error, kind) => logger.error(error, "watching", { kind: kind.kind }),
        }),
    );
    const controllers = scopes.map((stores) => objectSetPhaseController(stores, runtime, make));
    const election = options.enableLeaderElection
      ? { namespace: await leaseNamespace("", context), name: leaseNames.remotePhaseManager }
      : undefined;
    await runManager({
      signal: context.signal,
      logger,
      clock,
      listen: () => startListeners(options, metrics.handler, context),
      controllers,
      caches: [
        ...scopes.flatMap((stores) => stores.opened().map(({ informer }) => informer)),
        { synced: Promise.resolve(), close: () => cache.close() },
      ],
      ...(election ? { leaderElector: createElector(base, management, election) } : {}),
    });
  } finally {
    await Promise.all([management.close(), target.close()]);
  }
}
