import {
  copy,
  ensureObject,
  getList,
  getObject,
  getObjects,
  getString,
  isObject,
  isTrue,
  type JsonObject,
  labelsOf,
  metadataOf,
  nameOf,
} from "../json.ts";
import { mergeStringData } from "./object-rules.ts";
import { syncAddresses } from "./pod-addresses.ts";
import { defaultPod, defaultPodSpec, setDefault } from "./pod-defaults.ts";

const rbacGroup = "rbac.authorization.k8s.io";

/** Defaults of the built-in kinds by `group/plural`, as the API server's own defaulting functions set them. */
export const builtinDefaults: Readonly<Record<string, (object: JsonObject) => void>> = {
  "/namespaces": defaultNamespace,
  "/pods": (pod) => {
    defaultPod(pod);
    syncAddresses(pod);
  },
  "/secrets": (secret) => {
    setDefault(secret, "type", "Opaque");
    mergeStringData(secret);
  },
  "/services": defaultService,
  "/endpoints": defaultEndpoints,
  "apps/deployments": defaultDeployment,
  "apps/replicasets": defaultReplicaSet,
  "batch/jobs": defaultJob,
  "networking.k8s.io/networkpolicies": defaultNetworkPolicy,
  [`${rbacGroup}/rolebindings`]: defaultBinding,
  [`${rbacGroup}/clusterrolebindings`]: defaultBinding,
  "apiextensions.k8s.io/customresourcedefinitions": defaultCustomResourceDefinition,
};

function defaultNamespace(namespace: JsonObject): void {
  if (nameOf(namespace) !== "") {
    ensureObject(metadataOf(namespace), "labels")["kubernetes.io/metadata.name"] = nameOf(namespace);
  }
  setDefault(ensureObject(namespace, "status"), "phase", "Active");
}

function defaultService(service: JsonObject): void {
  const spec = ensureObject(service, "spec");
  setDefault(spec, "sessionAffinity", "None");
  if (spec["sessionAffinity"] === "None") delete spec["sessionAffinityConfig"];
  if (spec["sessionAffinity"] === "ClientIP") {
    const client = ensureObject(ensureObject(spec, "sessionAffinityConfig"), "clientIP");
    setDefault(client, "timeoutSeconds", 10_800);
  }
  setDefault(spec, "type", "ClusterIP");
  for (const port of getObjects(spec, "ports")) {
    setDefault(port, "protocol", "TCP");
    if (port["targetPort"] === undefined || port["targetPort"] === 0 || port["targetPort"] === "") {
      port["targetPort"] = port["port"] ?? 0;
    }
  }
  const type = getString(spec, "type");
  const external = type === "NodePort" || type === "LoadBalancer";
  if (external) setDefault(spec, "externalTrafficPolicy", "Cluster");
  if (external || type === "ClusterIP") setDefault(spec, "internalTrafficPolicy", "Cluster");
  if (type === "LoadBalancer") setDefault(spec, "allocateLoadBalancerNodePorts", true);
}

function defaultEndpoints(endpoints: JsonObject): void {
  for (const subset of getObjects(endpoints, "subsets")) {
    for (const port of getObjects(subset, "ports")) setDefault(port, "protocol", "TCP");
  }
}

function defaultDeployment(deployment: JsonObject): void {
  const spec = ensureObject(deployment, "spec");
  setDefault(spec, "replicas", 1);
  const strategy = ensureObject(spec, "strategy");
  if (getString(strategy, "type") === "") strategy["type"] = "RollingUpdate";
  if (strategy["type"] === "RollingUpdate") {
    const rolling = ensureObject(strategy, "rollingUpdate");
    setDefault(rolling, "maxUnavailable", "25%");
    setDefault(rolling, "maxSurge", "25%");
  }
  setDefault(spec, "revisionHistoryLimit", 10);
  setDefault(spec, "progressDeadlineSeconds", 600);
  defaultTemplate(spec);
}

function defaultReplicaSet(set: JsonObject): void {
  const spec = ensureObject(set, "spec");
  setDefault(spec, "replicas", 1);
  defaultTemplate(spec);
}

function defaultJob(job: JsonObject): void {
  const spec = ensureObject(job, "spec");
  if (spec["completions"] === undefined && spec["parallelism"] === undefined) spec["completions"] = 1;
  setDefault(spec, "parallelism", 1);
  setDefault(spec, "backoffLimit", spec["backoffLimitPerIndex"] === undefined ? 6 : 2 ** 31 - 1);
  const labels = getObject(spec, "template", "metadata", "labels");
  if (labels !== undefined && Object.keys(labelsOf(job)).length === 0) {
    metadataOf(job)["labels"] = copy(labels);
  }
  setDefault(spec, "completionMode", "NonIndexed");
  setDefault(spec, "suspend", false);
  setDefault(
    spec,
    "podReplacementPolicy",
    spec["podFailurePolicy"] === undefined ? "TerminatingOrFailed" : "Failed",
  );
  setDefault(spec, "manualSelector", false);
  defaultTemplate(spec);
}

function defaultTemplate(spec: JsonObject): void {
  const template = getObject(spec, "template", "spec");
  if (template !== undefined) defaultPodSpec(template);
}

function defaultNetworkPolicy(policy: JsonObject): void {
  const spec = ensureObject(policy, "spec");
  if (getList(spec, "policyTypes").length === 0) {
    spec["policyTypes"] = getList(spec, "egress").length === 0 ? ["Ingress"] : ["Ingress", "Egress"];
  }
  for (const rule of [...getObjects(spec, "ingress"), ...getObjects(spec, "egress")]) {
    for (const port of getObjects(rule, "ports")) setDefault(port, "protocol", "TCP");
  }
}

function defaultBinding(binding: JsonObject): void {
  const role = ensureObject(binding, "roleRef");
  if (getString(role, "apiGroup") === "") role["apiGroup"] = rbacGroup;
  for (const subject of getObjects(binding, "subjects")) {
    const kind = getString(subject, "kind");
    if ((kind === "User" || kind === "Group") && getString(subject, "apiGroup") === "") {
      subject["apiGroup"] = rbacGroup;
    }
  }
}

function defaultCustomResourceDefinition(definition: JsonObject): void {
  const spec = ensureObject(definition, "spec");
  const names = ensureObject(spec, "names");
  const kind = getString(names, "kind");
  if (getString(names, "singular") === "") names["singular"] = kind.toLowerCase();
  if (getString(names, "listKind") === "" && kind !== "") names["listKind"] = `${kind}List`;
  setDefault(spec, "conversion", { strategy: "None" });
  const status = ensureObject(definition, "status");
  if (!isObject(status["acceptedNames"])) status["acceptedNames"] = { plural: "", kind: "" };
  if (getList(status, "storedVersions").length > 0) return;
  const storage = getObjects(spec, "versions").find((version) => isTrue(version, "storage"));
  if (storage !== undefined) status["storedVersions"] = [getString(storage, "name")];
}
