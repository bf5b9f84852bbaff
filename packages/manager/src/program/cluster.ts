import { labels } from "@package-operator/api";
import { createLogger, createMetrics, type Logger, type Metrics } from "@package-operator/controller";
import {
  createDynamicCache,
  createKubeClient,
  type DynamicCache,
  type KubeClient,
  loadKubeConfig,
} from "@package-operator/kube";
import { ManagerError } from "../errors.ts";
import type { ProcessContext } from "./process-context.ts";

/** What both programs have before they do anything of their own. */
export interface Base {
  readonly context: ProcessContext;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Makes logger and metrics. */
export function createBase(context: ProcessContext, logLevel: number): Base {
  const { clock, stderr } = context;
  const now = () => clock.now();
  return {
    context,
    logger: createLogger({ level: logLevel, destination: stderr, now }),
    metrics: createMetrics({ process: context.process, now }),
  };
}

/** Makes the client of a cluster; writes are recorded under `fieldManager`. */
export async function connect(
  { context, metrics }: Base,
  options: { kubeconfig: string; fieldManager: string; env?: ProcessContext["env"] },
): Promise<KubeClient> {
  const { clock } = context;
  const env = options.env ?? context.env;
  const config = await loadKubeConfig({ kubeconfig: options.kubeconfig || undefined, env });
  return createKubeClient(config, {
    fieldManager: options.fieldManager,
    userAgent: options.fieldManager,
    env,
    clock,
    onRequest: metrics.request,
  });
}

/** The cache of all managed objects of a cluster. */
export function openCache(client: KubeClient, { context, logger }: Base): DynamicCache {
  return createDynamicCache(client, {
    labelSelector: `${labels.cache}=True`,
    clock: context.clock,
    random: context.random,
    onError: (error, kind) => logger.error(error, "watching objects", { kind: kind.kind }),
  });
}

const podNamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/** The namespace of the lease: the one given, or that of the pod. */
export async function leaseNamespace(
  given: string,
  context: Pick<ProcessContext, "readText">,
): Promise<string> {
  const namespace = given || (await context.readText(podNamespaceFile))?.trim();
  if (namespace) return namespace;
  throw new ManagerError(
    "config",
    "unable to find leader election namespace: not running in-cluster, please specify -namespace",
  );
}
