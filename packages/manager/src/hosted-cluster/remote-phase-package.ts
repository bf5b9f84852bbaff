import { annotations, installation, type PackageSpec } from "@package-operator/api";
import { formatOwners } from "@package-operator/rollout";
import { ownerOf } from "../owners.ts";
import type { PackageResource } from "../resources.ts";
import type { KindStore } from "../runtime/kind-store.ts";
import type { Reconcile } from "../runtime/reconciler.ts";
import type { Stores } from "../runtime/stores.ts";
import { semanticEqual } from "../semantic-equal.ts";
import { controlPlaneNamespace, type HostedCluster, isHostedClusterAvailable } from "./hosted-clusters.ts";
import type { Logger } from "@package-operator/controller";

/** What the packages of hosted clusters are made of. */
export interface SubComponentOptions {
  readonly image: string;
  readonly affinity: PackageSpec["config"];
  readonly tolerations: readonly unknown[] | undefined;
}

/**
 * The package that puts a phase manager next to a hosted cluster's control plane. Its owner is in another namespace, so
 * it is recorded in an annotation; the package goes with the namespace.
 */
export function remotePhasePackage(
  hostedCluster: HostedCluster,
  kind: { apiVersion: string; kind: string },
  { image, affinity, tolerations }: SubComponentOptions,
): PackageResource {
  const config = {
    ...(affinity === undefined ? {} : { affinity }),
    ...(tolerations === undefined ? {} : { tolerations }),
  } as NonNullable<PackageSpec["config"]>;
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: {
      name: installation.remotePhasePackage,
      namespace: controlPlaneNamespace(hostedCluster),
      annotations: { [annotations.owners]: formatOwners([{ ...ownerOf(hostedCluster), controller: true }]) },
    },
    spec: {
      image,
      component: installation.remotePhasePackage,
      ...(Object.keys(config).length > 0 ? { config } : {}),
    },
  };
}

/** Makes sure every hosted cluster that is up has its phase manager. */
export function createHostedClusterReconcile(
  hostedClusters: KindStore<HostedCluster>,
  stores: Pick<Stores, "kinds" | "packages">,
  options: SubComponentOptions & { logger: Logger },
): Reconcile {
  return async (key, call) => {
    const hostedCluster = hostedClusters.get(key);
    if (hostedCluster === undefined || hostedCluster.metadata.deletionTimestamp) return {};
    if (!isHostedClusterAvailable(hostedCluster)) {
      options.logger.info("waiting for HostedCluster to become ready", { name: key.name });
      return {};
    }
    const desired = remotePhasePackage(hostedCluster, stores.kinds.package, options);
    const { name = "", namespace } = desired.metadata;
    const existing = stores.packages.get({ name, namespace });
    if (existing === undefined) {
      await stores.packages.create(desired, call);
      return {};
    }
    // A pause is the business of whoever set it.
    const { paused } = existing.spec;
    const spec = { ...desired.spec, ...(paused === undefined ? {} : { paused }) };
    if (!semanticEqual(existing.spec, spec)) await stores.packages.update({ ...existing, spec }, call);
    return {};
  };
}
