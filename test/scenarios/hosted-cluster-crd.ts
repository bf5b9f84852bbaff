import type { KubeObject } from "@package-operator/kube";

/** The kind of HyperShift that matters here. */
export const hostedClusterKind = {
  apiVersion: "hypershift.openshift.io/v1beta1",
  kind: "HostedCluster",
} as const;

/** Its definition, which says nothing of its fields. */
export const hostedClusterCrd: KubeObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "hostedclusters.hypershift.openshift.io" },
  spec: {
    group: "hypershift.openshift.io",
    scope: "Namespaced",
    names: {
      plural: "hostedclusters",
      singular: "hostedcluster",
      kind: hostedClusterKind.kind,
      listKind: "HostedClusterList",
    },
    versions: [
      {
        name: "v1beta1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};
