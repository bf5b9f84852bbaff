import type { Condition, ObjectMeta } from "@package-operator/api";
import type { KubeObject } from "@package-operator/kube";
import { findCondition } from "../conditions.ts";

/** A HostedCluster of HyperShift, as far as we look at it. */
export interface HostedCluster {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: { nodeSelector?: Record<string, string> };
  status?: { conditions?: Condition[] };
}

/** Whether the hosted cluster is up, at whatever generation. */
export function isHostedClusterAvailable(hostedCluster: HostedCluster): boolean {
  return findCondition(hostedCluster, "Available")?.status === "True";
}

/** The namespace of a hosted cluster's control plane. */
export function controlPlaneNamespace(hostedCluster: Pick<KubeObject, "metadata"> | HostedCluster): string {
  const { namespace = "", name = "" } = hostedCluster.metadata;
  return `${namespace}-${name.replaceAll(".", "-")}`;
}
