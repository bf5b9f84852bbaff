import type { KubeObject } from "@package-operator/kube";
import { isJsonObject, type JsonObject, type JsonValue } from "@package-operator/kube-yaml";
import type { Environment, HostedClusterContext } from "@package-operator/packaging";
import { controlPlaneNamespace } from "../hosted-cluster/hosted-clusters.ts";

/** Version of the latest completed update of an OpenShift cluster, empty when none was completed yet. */
export function openShiftVersion(clusterVersion: KubeObject): string {
  const history = objectAt(clusterVersion["status"])["history"];
  const entries = Array.isArray(history) ? history.filter(isJsonObject) : [];
  return textAt(entries.find(({ state }) => state === "Completed")?.["version"]);
}

/** The proxies in effect, undefined when none is. */
export function proxyOf(proxy: KubeObject): Environment["proxy"] {
  const status = objectAt(proxy["status"]);
  const values = Object.fromEntries(
    ["httpProxy", "httpsProxy", "noProxy"]
      .map((key) => [key, textAt(status[key])] as const)
      .filter(([, value]) => value !== ""),
  );
  return Object.keys(values).length > 0 ? values : undefined;
}

/** What templates see of a hosted cluster. */
export function hostedClusterFacts(hostedCluster: KubeObject): HostedClusterContext {
  const { name = "", namespace = "", labels, annotations } = hostedCluster.metadata;
  const nodeSelector = objectAt(objectAt(hostedCluster["spec"])["nodeSelector"]);
  return {
    metadata: { name, namespace, labels: labels ?? null, annotations: annotations ?? null },
    hostedClusterNamespace: controlPlaneNamespace(hostedCluster),
    ...(Object.keys(nodeSelector).length > 0 ? { nodeSelector: nodeSelector as Record<string, string> } : {}),
  };
}

function objectAt(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function textAt(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
