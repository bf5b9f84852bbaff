import { apiVersion, kinds } from "@package-operator/api";
import type { Controller, FillingCache, Logger, Task } from "@package-operator/controller";
import { type Clock, type KubeClient, waitFor } from "@package-operator/kube";
import { isJsonObject, parseJson } from "@package-operator/kube-yaml";
import { hostedClusterKind, servesHostedClusters } from "../environment/detect.ts";
import { at, ManagerError } from "../errors.ts";
import type { HostedClusterPackage } from "../hosted-cluster/hosted-cluster-package.ts";
import type { HostedCluster } from "../hosted-cluster/hosted-clusters.ts";
import type { SubComponentOptions } from "../hosted-cluster/remote-phase-package.ts";
import type { ManagerOptions } from "../options/manager-options.ts";
import { openStore } from "../runtime/stores.ts";
import type { Assembly } from "./assembly.ts";
import type { Base } from "./cluster.ts";
import { hostedClusterController, hostedClusterPackageController } from "./controllers.ts";

/** How often to look whether HyperShift was installed, where its CRD cannot be watched. */
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
    try {
      await waitFor(client, hostedClusterCrd, (crd) => crd !== undefined, { signal, clock });
    } catch (error) {
      signal.throwIfAborted();
      logger.error(error, "watching for HyperShift, looking from time to time instead");
    }
    while (!(await servesHostedClusters(client, { signal }))) await clock.sleep(interval, { signal });
    logger.info("detected hypershift installation after setup completed, restarting operator");
    restart();
  };
}

const hostedClusterCrd = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  name: "hostedclusters.hypershift.openshift.io",
} as const;

/** Makes the controllers for hosted clusters. */
export function openHyperShift(
  { context, logger }: Base,
  { runtime, namespaced: stores, make }: Assembly,
  subComponents: SubComponentOptions,
): { controllers: Controller[]; caches: FillingCache[] } {
  const { client } = runtime;
  const storeOptions = {
    client,
    clock: context.clock,
    onError: (error: unknown, { kind }: { kind: string }) => logger.error(error, "watching", { kind }),
  };
  const hostedClusters = openStore<HostedCluster>(hostedClusterKind, storeOptions);
  const own = openStore<HostedClusterPackage>(
    { apiVersion, kind: kinds.HostedClusterPackage.kind },
    storeOptions,
  );
  const settings = { ...subComponents, logger };
  return {
    controllers: [
      hostedClusterController(hostedClusters, stores, settings, make),
      hostedClusterPackageController({ client, clock: context.clock, own, hostedClusters, stores }, make),
    ],
    caches: [hostedClusters.informer, own.informer],
  };
}

/** Reads the settings for what is installed beside hosted clusters. Throws `ManagerError` `config` for what is no JSON. */
export function readSubComponents(
  options: Pick<
    ManagerOptions,
    "packageOperatorPackageImage" | "subComponentAffinity" | "subComponentTolerations"
  >,
): SubComponentOptions {
  const affinity = readJson("sub-component-affinity", options.subComponentAffinity);
  const tolerations = readJson("sub-component-tolerations", options.subComponentTolerations);
  if (affinity !== undefined && !isJsonObject(affinity)) {
    throw new ManagerError("config", "-sub-component-affinity is not a JSON object");
  }
  if (tolerations !== undefined && !Array.isArray(tolerations)) {
    throw new ManagerError("config", "-sub-component-tolerations is not a JSON list");
  }
  return { image: options.packageOperatorPackageImage, affinity, tolerations };
}

function readJson(flag: string, text: string): ReturnType<typeof parseJson> | undefined {
  if (text === "") return undefined;
  try {
    return parseJson(text);
  } catch (error) {
    throw at("config", `-${flag}`, error);
  }
}
