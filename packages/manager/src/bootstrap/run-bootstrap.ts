import { fieldManagers, installation, labels, leaseNames } from "@package-operator/api";
import { runManager } from "@package-operator/controller";
import { createPrefixMatcher, parsePrefixOverrides, resolvePullReference } from "@package-operator/image";
import type { CallOptions, KubeClient } from "@package-operator/kube";
import { loadComponent, type Package, requireConfig } from "@package-operator/packaging";
import { detectEnvironment } from "../environment/detect.ts";
import { at, ManagerError, messageOf } from "../errors.ts";
import type { ManagerOptions } from "../options/manager-options.ts";
import { assemble, createElector } from "../program/assembly.ts";
import { type Base, connect, leaseNamespace } from "../program/cluster.ts";
import {
  objectDeploymentController,
  objectSetController,
  packageController,
} from "../program/controllers.ts";
import { startListeners } from "../program/listeners.ts";
import { openPuller, readOverrides } from "../program/registry.ts";
import { describeMirrored } from "../pull/package-puller.ts";
import { type Availability, checkAvailability } from "./availability.ts";
import { configOf, ensureOwnPackage, findOwnPackage } from "./cluster-package.ts";
import { mergePatch, resolveConfiguration } from "./configuration.ts";
import { runFixes } from "./fixes.ts";
import { outlast } from "./outlast.ts";
import { awaitCrds, crdsOfPackage, ensureCrds } from "./package-crds.ts";
import { withProxy } from "./proxy.ts";

/** How often to look whether the operator is up. */
const pollInterval = 2000;

/**
 * Installs or updates the operator: creates the CRDs and the ClusterPackage of its package, and works as the operator
 * until the installed one is available. Starts over when the API server goes away in the middle.
 */
export async function runBootstrap(base: Base, options: ManagerOptions): Promise<void> {
  const { logger, context } = base;
  const { clock, signal } = context;
  await outlast(() => bootstrapOnce(base, options), { logger, clock, signal });
}

async function bootstrapOnce(given: Base, options: ManagerOptions): Promise<void> {
  const { base, client } = await connectThroughProxy(given, options);
  const { context, logger } = base;
  const { clock, signal } = context;
  try {
    logger.info("running self-bootstrap");
    const stored = configOf(await step("init", () => findOwnPackage(client, { signal })));
    const resolved = resolveConfiguration(options, stored);
    const { imagePrefixOverrides, source } = resolved;
    if (source === "stored") {
      logger.info("keeping the image prefix overrides of the installed package", { imagePrefixOverrides });
    }
    const effective = { ...options, imagePrefixOverrides };
    const component = await step("init: crdsFromPackage", () => loadOwnPackage(base, client, effective));
    const stepOptions = { logger, clock, signal };
    const config = mergePatch(stored, resolved.config ?? {});
    // Before anything is written: a configuration that the package refuses would leave half an installation.
    const namespace = await step("init: configuration", () =>
      managerNamespace(component, config, options.namespace),
    );
    const crds = crdsOfPackage(component);
    const refused = await step("init: ensureCRDs", () => ensureCrds(client, crds, stepOptions));
    const prefix = createPrefixMatcher(parsePrefixOverrides(imagePrefixOverrides).rules);
    const wanted = { image: options.selfBootstrap, config: resolved.config, namespace, prefix };
    const changed = await step("init: ensureUpdatedPKO", () => ensureOwnPackage(client, wanted, stepOptions));
    await runFixes(client, stepOptions);
    await step("init: ensureCRDs", () => awaitCrds(client, refused, stepOptions));
    const isAvailable = !changed && (await checkAvailability(client, namespace, { signal })).available;
    logger.info(isAvailable ? "PackageOperator is available" : "PackageOperator is NOT available");
    if (!isAvailable) await operateUntilAvailable(base, client, effective, namespace);
    logger.info("self-bootstrap done");
  } finally {
    await client.close();
  }
}

async function step<T>(place: string, run: () => Promise<T> | T): Promise<T> {
  try {
    return await run();
  } catch (error) {
    // Errors of reading the configuration say where they belong already.
    if (error instanceof ManagerError && error.message.startsWith("init: ")) throw error;
    throw at("bootstrap", place, error);
  }
}

/** Connects, and once more when the cluster prescribes proxies that this process was not started with. */
async function connectThroughProxy(
  base: Base,
  options: ManagerOptions,
): Promise<{ base: Base; client: KubeClient }> {
  const how = { kubeconfig: options.kubeconfig, fieldManager: fieldManagers.manager };
  const client = await connect(base, how);
  const { signal } = base.context;
  const environment = await step("get environment", () => detectEnvironment(client, { signal })).catch(
    async (error: unknown) => {
      await client.close();
      throw error;
    },
  );
  const env = withProxy(base.context.env, environment.proxy);
  if (env === undefined) return { base, client };
  await client.close();
  const proxied = { ...base, context: { ...base.context, env } };
  return { base: proxied, client: await connect(proxied, how) };
}

async function loadOwnPackage(base: Base, client: KubeClient, options: ManagerOptions): Promise<Package> {
  const image = options.selfBootstrap;
  const overrides = readOverrides(options, base.logger);
  const puller = await openPuller(client, overrides, options, base.context);
  const raw = await puller.pull(image, { signal: base.context.signal });
  try {
    return loadComponent(raw);
  } catch (error) {
    const described = describeMirrored(image, resolvePullReference(image, overrides));
    throw at("bootstrap", `loading package image ${described}`, error);
  }
}

/** The namespace the package puts the manager into, by its configuration; that of the job when it does not say. */
function managerNamespace(
  component: Package,
  config: ReturnType<typeof mergePatch>,
  fallback: string,
): string {
  const { namespace } = requireConfig(component.manifest, config);
  return typeof namespace === "string" && namespace !== "" ? namespace : fallback;
}

async function operateUntilAvailable(
  base: Base,
  client: KubeClient,
  options: ManagerOptions,
  namespace: string,
): Promise<void> {
  const { context, logger, metrics } = base;
  const { clock } = context;
  const done = new AbortController();
  const assembly = await assemble(base, client, options, {
    forceAdoption: ({ metadata }) => metadata.labels?.[labels.instance] === installation.clusterPackage,
  });
  const { runtime, cluster, make } = assembly;
  const controllers = [
    packageController(cluster, runtime, make),
    objectDeploymentController(cluster, runtime, make),
    objectSetController(cluster, runtime, make),
  ];
  const lease = { namespace: await leaseNamespace(options.namespace, context), name: leaseNames.manager };
  let last: Availability | undefined;
  const poll = async (signal: AbortSignal): Promise<void> => {
    last = await pollAvailability(base, client, namespace, signal, (seen) => (last = seen));
    logger.info("Package Operator bootstrapped successfully!");
    done.abort();
  };
  try {
    await runManager({
      signal: AbortSignal.any([context.signal, done.signal]),
      logger,
      clock,
      listen: () => startListeners(options, metrics.handler, context),
      controllers,
      caches: assembly.caches(),
      tasks: [poll],
      ...(options.enableLeaderElection ? { leaderElector: createElector(base, client, lease) } : {}),
    });
  } catch (error) {
    throw at("bootstrap", "bootstrap: running manager for self-bootstrap", error);
  }
  if (!done.signal.aborted) {
    throw new ManagerError(
      "bootstrap",
      `stopped before Package Operator became available: ${last?.reason ?? "unknown"}`,
    );
  }
}

/** Looks again and again until the operator is available; a look that fails is only logged. */
async function pollAvailability(
  { context, logger }: Base,
  client: KubeClient,
  namespace: string,
  signal: AbortSignal,
  onLook: (seen: Availability) => void,
): Promise<Availability> {
  let told = "";
  for (;;) {
    const seen = await look(client, namespace, { signal });
    onLook(seen);
    logger.info("waiting for PKO to become available", { available: seen.available, reason: seen.reason });
    if (seen.available) return seen;
    if (seen.failing && seen.reason !== told) {
      told = seen.reason;
      logger.error(seen.reason, "Package Operator cannot become available");
      await context.writeTerminationMessage(seen.reason);
    }
    await context.clock.sleep(pollInterval, { signal });
  }
}

async function look(client: KubeClient, namespace: string, options: CallOptions): Promise<Availability> {
  try {
    return await checkAvailability(client, namespace, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    return { available: false, reason: `looking for the operator: ${messageOf(error)}`, failing: true };
  }
}
