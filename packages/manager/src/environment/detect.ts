import {
  type CallOptions,
  isNotFound,
  isUnknownKind,
  type KubeClient,
  type KubeObject,
  type ObjectRef,
} from "@package-operator/kube";
import { isJsonObject } from "@package-operator/kube-yaml";
import { at } from "../errors.ts";
import type { Environment } from "@package-operator/packaging";
import { openShiftVersion, proxyOf } from "./environment.ts";

/** The kind by which HyperShift is recognised. */
export const hostedClusterKind = {
  apiVersion: "hypershift.openshift.io/v1beta1",
  kind: "HostedCluster",
} as const;

const openShiftApi = "config.openshift.io/v1";

/** Examines the cluster. Throws `ManagerError` `environment` when that is not possible. */
export async function detectEnvironment(client: KubeClient, options: CallOptions = {}): Promise<Environment> {
  try {
    const [version, openShift, hyperShift] = await Promise.all([
      client.discovery.serverVersion(options),
      detectOpenShift(client, options),
      servesHostedClusters(client, options),
    ]);
    return {
      kubernetes: { version },
      ...openShift,
      ...(hyperShift ? { hyperShift: { hostedCluster: null } } : {}),
    };
  } catch (error) {
    throw at("environment", "probing the cluster", error);
  }
}

/** Whether hosted clusters can exist here. Asks the server anew when it did not know the kind before. */
export function servesHostedClusters(client: KubeClient, options: CallOptions = {}): Promise<boolean> {
  return client.discovery.serves(hostedClusterKind, options);
}

async function detectOpenShift(
  client: KubeClient,
  options: CallOptions,
): Promise<Pick<Environment, "openShift" | "proxy">> {
  const clusterVersion = { apiVersion: openShiftApi, kind: "ClusterVersion", name: "version" };
  const version = await findServed(client, clusterVersion, options);
  if (version === undefined) return {};
  const [metadata, proxy] = await Promise.all([
    findServed(
      client,
      { apiVersion: "v1", kind: "ConfigMap", namespace: "openshift-config", name: "osd-cluster-metadata" },
      options,
    ),
    findServed(client, { apiVersion: openShiftApi, kind: "Proxy", name: "cluster" }, options),
  ]);
  const data = metadata?.["data"];
  const managed =
    metadata === undefined
      ? {}
      : { managed: { data: isJsonObject(data) ? (data as Record<string, string>) : {} } };
  const proxies = proxy && proxyOf(proxy);
  return {
    openShift: { version: openShiftVersion(version), ...managed },
    ...(proxies ? { proxy: proxies } : {}),
  };
}

/** The object, or undefined when it or its whole kind does not exist. */
async function findServed(
  client: KubeClient,
  ref: ObjectRef,
  options: CallOptions,
): Promise<KubeObject | undefined> {
  try {
    return await client.find(ref, options);
  } catch (error) {
    if (isUnknownKind(error) || isNotFound(error)) return undefined;
    throw error;
  }
}
