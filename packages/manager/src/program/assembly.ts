import type { Scope } from "@package-operator/api";
import { createLeaderElector, type FillingCache, type LeaderElector } from "@package-operator/controller";
import type { KubeClient } from "@package-operator/kube";
import { createEnvironmentSource } from "../environment/environment-source.ts";
import { at } from "../errors.ts";
import type { ManagerOptions } from "../options/manager-options.ts";
import type { PackageRuntime } from "../package/package-runtime.ts";
import { createUnpackMemory } from "../package/unpack-memory.ts";
import type { ObjectSet } from "../resources.ts";
import { createObjectMetrics, registerCacheMetrics } from "../runtime/object-metrics.ts";
import { openStores, type OpenedStores } from "../runtime/stores.ts";
import { clusterKinds, namespacedKinds, type ScopedKinds } from "../scope.ts";
import { type Base, openCache } from "./cluster.ts";
import { type ControllerFactory, controllerFactory } from "./controllers.ts";
import { openPuller, readOverrides } from "./registry.ts";

/** The parts of an operator, for a program to pick controllers from. */
export interface Assembly {
  readonly runtime: PackageRuntime;
  readonly namespaced: OpenedStores;
  readonly cluster: OpenedStores;
  readonly make: ControllerFactory;
  /** What the controllers made so far read from. */
  caches(): FillingCache[];
}

/** How an operator differs from the usual. */
export interface AssemblyOptions {
  readonly forceAdoption: (set: ObjectSet) => boolean;
}

/** Builds the parts of an operator over a client. Examines the cluster; throws `ManagerError` when that fails. */
export async function assemble(
  base: Base,
  client: KubeClient,
  options: ManagerOptions,
  { forceAdoption }: AssemblyOptions,
): Promise<Assembly> {
  const { context, logger, metrics } = base;
  const { clock, signal } = context;
  const overrides = readOverrides(options, logger);
  const environment = await createEnvironmentSource({ client, clock, logger, signal }).catch(
    (error: unknown) => {
      throw at("environment", "environment init", error);
    },
  );
  const cache = openCache(client, base);
  registerCacheMetrics(metrics.registry, cache);
  const runtime: PackageRuntime = {
    client,
    cache,
    clock,
    logger,
    metrics: createObjectMetrics(metrics.registry),
    forceAdoption,
    puller: await openPuller(client, overrides, options, context),
    environment,
    overrides,
    hashModifier: options.packageHashModifier,
    memory: createUnpackMemory(clock),
  };
  const stores = (kinds: ScopedKinds): OpenedStores =>
    openStores(kinds, {
      client,
      clock,
      onError: (error, kind) => logger.error(error, "watching", { kind: kind.kind }),
    });
  const scopes: Record<Scope, OpenedStores> = {
    Namespaced: stores(namespacedKinds),
    Cluster: stores(clusterKinds),
  };
  return {
    runtime,
    namespaced: scopes.Namespaced,
    cluster: scopes.Cluster,
    make: controllerFactory({ logger, clock, observe: (name) => metrics.controller(name) }),
    caches: () => [
      ...[scopes.Namespaced, scopes.Cluster].flatMap((scope) =>
        scope.opened().map(({ informer }) => informer),
      ),
      { synced: Promise.resolve(), close: () => cache.close() },
    ],
  };
}

/** The elector for the lease that keeps operators, whoever wrote them, from working at the same time. */
export function createElector(
  { context, logger, metrics }: Base,
  client: KubeClient,
  lease: { namespace: string; name: string },
): LeaderElector {
  const { clock, random, hostname, uuid } = context;
  return createLeaderElector({
    client,
    lease,
    identity: `${hostname}_${uuid()}`,
    logger,
    clock,
    random,
    onChange: (leading) => metrics.leading(lease.name, leading),
  });
}
