import type { JsonObject } from "@package-operator/kube-yaml";

/** `<Kind>` of the core group, or `<Kind>.<group>`. */
export type KindKey = string;

/** Phases in the order a kickstarted package has them, with the kinds that belong there. */
export const phases: readonly { readonly name: string; readonly kinds: readonly KindKey[] }[] = [
  { name: "namespaces", kinds: ["Namespace"] },
  {
    name: "policies",
    kinds: [
      "ResourceQuota",
      "LimitRange",
      "PriorityClass.scheduling.k8s.io",
      "NetworkPolicy.networking.k8s.io",
      "HorizontalPodAutoscaler.autoscaling",
      "PodDisruptionBudget.policy",
    ],
  },
  {
    name: "rbac",
    kinds: [
      "ServiceAccount",
      "Role.rbac.authorization.k8s.io",
      "RoleBinding.rbac.authorization.k8s.io",
      "ClusterRole.rbac.authorization.k8s.io",
      "ClusterRoleBinding.rbac.authorization.k8s.io",
    ],
  },
  { name: "crds", kinds: ["CustomResourceDefinition.apiextensions.k8s.io"] },
  { name: "storage", kinds: ["PersistentVolume", "PersistentVolumeClaim", "StorageClass.storage.k8s.io"] },
  {
    name: "deploy",
    kinds: [
      "Deployment.apps",
      "DaemonSet.apps",
      "StatefulSet.apps",
      // Upstream looks for it in the core group, so that real ReplicaSets have always been among the others.
      "ReplicaSet",
      "Pod",
      "Service",
      "Secret",
      "ConfigMap",
      "Job.batch",
      "CronJob.batch",
    ],
  },
  {
    name: "publish",
    kinds: [
      "Ingress.networking.k8s.io",
      "APIService.apiregistration.k8s.io",
      "Route.route.openshift.io",
      "MutatingWebhookConfiguration.admissionregistration.k8s.io",
      "ValidatingWebhookConfiguration.admissionregistration.k8s.io",
    ],
  },
  { name: "other", kinds: [] },
];

/** The phase of a kind; `other` for kinds nobody knows. */
export function phaseOf(kind: KindKey): string {
  return phases.find(({ kinds }) => kinds.includes(kind))?.name ?? "other";
}

const isTrue = (type: string): JsonObject => ({ condition: { type, status: "True" } });
const areEqual = (a: string, b: string): JsonObject => ({
  fieldsEqual: { fieldA: `.status.${a}`, fieldB: `.status.${b}` },
});

/** What tells that an object of a kind is available. */
export const probes: Readonly<Record<KindKey, readonly JsonObject[]>> = {
  "Deployment.apps": [isTrue("Available"), areEqual("updatedReplicas", "replicas")],
  "ReplicaSet.apps": [isTrue("Available"), areEqual("updatedReplicas", "replicas")],
  // A StatefulSet has no condition Available.
  "StatefulSet.apps": [areEqual("updatedReplicas", "replicas"), areEqual("readyReplicas", "replicas")],
  "DaemonSet.apps": [areEqual("desiredNumberScheduled", "numberAvailable")],
  "CustomResourceDefinition.apiextensions.k8s.io": [isTrue("Established")],
  "Job.batch": [isTrue("Complete")],
  "Route.route.openshift.io": [
    {
      cel: {
        rule: 'self.status.ingress.all(i, i.conditions.all(c, c.type == "Admitted" && c.status == "True"))',
        message: "not all ingress points are reporting ready",
      },
    },
  ],
  "ClusterServiceVersion.operators.coreos.com": [
    { cel: { rule: 'self.status.phase == "Succeeded"', message: "CSV not succeeded" } },
  ],
};

/** Kinds that are there as soon as they are created, so that nobody needs a probe for them. */
const withoutProbes: ReadonlySet<KindKey> = new Set([
  "Namespace",
  "ServiceAccount",
  "Endpoints",
  "Service",
  "Secret",
  "ConfigMap",
  "PersistentVolume",
  "PersistentVolumeClaim",
  "ResourceQuota",
  "LimitRange",
  "Role.rbac.authorization.k8s.io",
  "RoleBinding.rbac.authorization.k8s.io",
  "ClusterRole.rbac.authorization.k8s.io",
  "ClusterRoleBinding.rbac.authorization.k8s.io",
  "PriorityClass.scheduling.k8s.io",
  "Ingress.networking.k8s.io",
  "IngressClass.networking.k8s.io",
  "NetworkPolicy.networking.k8s.io",
  "EndpointSlice.discovery.k8s.io",
  "HorizontalPodAutoscaler.autoscaling",
  "PodDisruptionBudget.policy",
  "CronJob.batch",
  "APIService.apiregistration.k8s.io",
  "StorageClass.storage.k8s.io",
  "CSIDriver.storage.k8s.io",
  "CSINode.storage.k8s.io",
  "CSIStorageCapacity.storage.k8s.io",
  "MutatingWebhookConfiguration.admissionregistration.k8s.io",
  "ValidatingWebhookConfiguration.admissionregistration.k8s.io",
  "ValidatingAdmissionPolicy.admissionregistration.k8s.io",
]);

/** Whether a kind has no probe and somebody should think of one. */
export function needsProbe(kind: KindKey): boolean {
  return !Object.hasOwn(probes, kind) && !withoutProbes.has(kind);
}

const clusterScoped: ReadonlySet<KindKey> = new Set([
  "Namespace",
  "Node",
  "PersistentVolume",
  "ClusterRole.rbac.authorization.k8s.io",
  "ClusterRoleBinding.rbac.authorization.k8s.io",
  "CustomResourceDefinition.apiextensions.k8s.io",
  "PriorityClass.scheduling.k8s.io",
  "StorageClass.storage.k8s.io",
  "CSIDriver.storage.k8s.io",
  "CSINode.storage.k8s.io",
  "VolumeAttachment.storage.k8s.io",
  "IngressClass.networking.k8s.io",
  "RuntimeClass.node.k8s.io",
  "APIService.apiregistration.k8s.io",
  "MutatingWebhookConfiguration.admissionregistration.k8s.io",
  "ValidatingWebhookConfiguration.admissionregistration.k8s.io",
  "ValidatingAdmissionPolicy.admissionregistration.k8s.io",
  "ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io",
  "CertificateSigningRequest.certificates.k8s.io",
  "FlowSchema.flowcontrol.apiserver.k8s.io",
  "PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io",
]);

/** Whether objects of a built-in kind have no namespace. */
export function isClusterScoped(kind: KindKey): boolean {
  return clusterScoped.has(kind);
}
