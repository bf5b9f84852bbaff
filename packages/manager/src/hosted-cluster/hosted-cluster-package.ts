import {
  conditionTypes,
  fieldManagers,
  type HostedClusterPackageReference,
  type HostedClusterPackageSpec,
  type HostedClusterPackageStatus,
} from "@package-operator/api";
import type { ApiObject, CallOptions, Clock, KubeClient } from "@package-operator/kube";
import { controllerReference } from "@package-operator/rollout";
import { matchesSelector, selectorFromObject } from "@package-operator/schema";
import { editConditions } from "../conditions.ts";
import { ownerOf } from "../owners.ts";
import type { PackageResource, Resource } from "../resources.ts";
import { isBeingDeleted, type KindStore } from "../runtime/kind-store.ts";
import type { Reconcile } from "../runtime/reconciler.ts";
import type { Stores } from "../runtime/stores.ts";
import { controlPlaneNamespace, type HostedCluster, isHostedClusterAvailable } from "./hosted-clusters.ts";
import { partition } from "./partitions.ts";
import { chooseUpdates, stateOf, type Target, updateBudget } from "./rollout-plan.ts";

/** A HostedClusterPackage. */
export type HostedClusterPackage = Resource<HostedClusterPackageSpec, HostedClusterPackageStatus>;

/** What the controller reads and writes. */
export interface HostedClusterPackageRuntime {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly own: KindStore<HostedClusterPackage>;
  readonly hostedClusters: KindStore<HostedCluster>;
  readonly stores: Pick<Stores, "kinds" | "packages">;
}

/** Keeps one package in the control plane namespace of every selected hosted cluster, updating a few at a time. */
export function createHostedClusterPackageReconcile(runtime: HostedClusterPackageRuntime): Reconcile {
  return async (key, options) => {
    let own = runtime.own.get(key);
    if (own === undefined || isBeingDeleted(own)) return {};
    const { spec } = own;
    const targets = findTargets(runtime, own);
    await createMissing(runtime, own, targets, options);
    const partitions = partition(
      targets,
      ({ hostedCluster }) => hostedCluster.metadata.labels ?? {},
      spec.partition,
    );
    const processing = stillProcessing(own, targets);
    const chosen = chooseUpdates(spec, partitions, processing);
    const budget = updateBudget(spec, targets);
    const queue = budget === 0 || budget === Infinity ? [] : chosen.map(referenceTo);
    if (chosen.length > 0) {
      own = await runtime.own.writeStatus(own, { ...own.status, processing: queue }, options);
      for (const pkg of chosen) await applyPackage(runtime, own, pkg.metadata.namespace ?? "", options);
    }
    const counted = chosen.length > 0 ? queue : processing.map(referenceTo);
    await writeReport(runtime, own, { processing: counted, ...options });
    return {};
  };
}

function findTargets(
  { hostedClusters, stores }: HostedClusterPackageRuntime,
  own: HostedClusterPackage,
): Target[] {
  const selector = selectorFromObject(own.spec.hostedClusterSelector ?? {});
  const { name = "" } = own.metadata;
  return hostedClusters
    .list()
    .filter(
      (cluster) =>
        matchesSelector(selector, cluster.metadata.labels ?? {}) && isHostedClusterAvailable(cluster),
    )
    .map((hostedCluster) => {
      const namespace = controlPlaneNamespace(hostedCluster);
      return { hostedCluster, pkg: stores.packages.get({ name, namespace }) };
    });
}

async function createMissing(
  runtime: HostedClusterPackageRuntime,
  own: HostedClusterPackage,
  targets: readonly Target[],
  options: CallOptions,
): Promise<void> {
  for (const { hostedCluster } of targets.filter(({ pkg }) => pkg === undefined)) {
    await applyPackage(runtime, own, controlPlaneNamespace(hostedCluster), options);
  }
}

/** Applies exactly what the template says, without force, so that a user may own other fields, such as the pause. */
async function applyPackage(
  { client, stores }: HostedClusterPackageRuntime,
  own: HostedClusterPackage,
  namespace: string,
  options: CallOptions,
): Promise<void> {
  const { metadata, spec } = own.spec.template;
  const pkg: ApiObject & { spec: unknown } = {
    ...stores.kinds.package,
    metadata: {
      name: own.metadata.name ?? "",
      namespace,
      ...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
      ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ownerReferences: [controllerReference(ownerOf(own))],
    },
    spec,
  };
  await client.apply(pkg, { ...options, fieldManager: fieldManagers.apply });
}

/** Entries of the queue whose package is still there and not done. */
function stillProcessing(own: HostedClusterPackage, targets: readonly Target[]): PackageResource[] {
  const entries = own.status?.processing ?? [];
  return targets.flatMap(({ pkg }) => {
    if (pkg === undefined || !entries.some(({ uid }) => uid === pkg.metadata.uid)) return [];
    const { available, updated } = stateOf(pkg, own.spec);
    return available && updated ? [] : [pkg];
  });
}

function referenceTo({ metadata }: PackageResource): HostedClusterPackageReference {
  const { uid = "", name = "", namespace } = metadata;
  return { uid, name, ...(namespace === undefined ? {} : { namespace }) };
}

async function writeReport(
  runtime: HostedClusterPackageRuntime,
  own: HostedClusterPackage,
  { processing, ...options }: CallOptions & { processing: HostedClusterPackageReference[] },
): Promise<void> {
  const states = findTargets(runtime, own)
    .filter(({ pkg }) => pkg !== undefined)
    .map(({ pkg }) => stateOf(pkg, own.spec));
  const count = (fact: keyof (typeof states)[number]) => states.filter((state) => state[fact]).length;
  const [total, available, progressed, paused] = [
    states.length,
    count("available"),
    count("progressed"),
    count("paused"),
  ];
  const { instant, rollingUpgrade } = own.spec.strategy;
  const tolerated = instant === undefined ? (rollingUpgrade?.maxUnavailable ?? 0) : 0;
  const conditions = editConditions(own, runtime.clock.now());
  const set = (type: string, holds: boolean, reasons: [string, string], message: string) =>
    conditions.set({
      type,
      status: holds ? "True" : "False",
      reason: holds ? reasons[0] : reasons[1],
      message,
    });
  set(
    conditionTypes.available,
    total - available <= tolerated,
    ["EnoughPackagesAvailable", "NotEnoughPackagesAvailable"],
    `${available}/${total} packages available.`,
  );
  set(
    conditionTypes.progressing,
    progressed < total,
    ["NotAllPackagesProgressed", "AllPackagesProgressed"],
    `${progressed}/${total} packages progressed.`,
  );
  set(
    conditionTypes.hasPausedPackage,
    paused > 0,
    ["AtLeastOnePackagePaused", "NoPackagePaused"],
    `${paused}/${total} packages paused.`,
  );
  const status: HostedClusterPackageStatus = {
    ...own.status,
    conditions: conditions.list(),
    observedGeneration: own.metadata.generation ?? 0,
    totalPackages: total,
    availablePackages: available,
    progressedPackages: progressed,
    updatedPackages: count("updated"),
    processing,
  };
  await runtime.own.writeStatus(own, status, options);
}
