import { isDns1123Label } from "@package-operator/schema";
import { emptySet, setOf } from "../fields/field-set.ts";
import { getObject, getString, getStrings, isObject, type JsonObject, metadataOf, textOf } from "../json.ts";
import type { Strategy } from "../resources/strategy.ts";
import { builtinDefaults } from "./defaults.ts";
import { podStrategy } from "./pod-strategy.ts";
import { serviceStrategy } from "./service-strategy.ts";
import { crdStrategy } from "./crd-strategy.ts";
import {
  prepareJob,
  validateDeployment,
  validateSelectorUpdate,
  validateJob,
  validateJobUpdate,
  validateReplicaCounts,
} from "./workload-rules.ts";
import {
  validateBinding,
  validateBindingUpdate,
  validateConfigMap,
  validateImmutable,
  validateLease,
  validateRole,
  validateSecret,
  validateSecretUpdate,
} from "./object-rules.ts";

const statusReset = { "": setOf(["f:status"]), status: setOf(["f:spec"]) };

const specGeneration = (object: JsonObject): JsonObject => ({ spec: object["spec"] ?? null });

/** Names in RBAC are path segments, so nearly anything goes. */
const pathSegment = (name: string): string[] =>
  name === "." || name === ".."
    ? [`may not be '${name}'`]
    : ["/", "%"].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`);

const namespaceStrategy: Strategy = {
  validateName: isDns1123Label,
  resetFields: statusReset,
  prepareForCreate: (namespace) => {
    namespace["spec"] = { finalizers: ["kubernetes"] };
    namespace["status"] = { phase: "Active" };
  },
  prepareForUpdate: (namespace, old) => {
    namespace["spec"] = old["spec"] ?? {};
  },
  finalizers: (namespace) => [
    ...getStrings(namespace, "metadata", "finalizers"),
    ...getStrings(namespace, "spec", "finalizers"),
  ],
  markDeleted: (namespace) => {
    const status = isObject(namespace["status"]) ? namespace["status"] : {};
    namespace["status"] = { ...status, phase: "Terminating" };
    delete metadataOf(namespace)["deletionGracePeriodSeconds"];
  },
  selectableFields: (namespace) => ({ "status.phase": getString(namespace, "status", "phase") }),
};

const deploymentStrategy: Strategy = {
  resetFields: { "": setOf(["f:status"]), status: setOf(["f:spec"], ["f:metadata", "f:labels"]) },
  prepareForStatusUpdate: restoreLabels,
  generationOf: (object) => ({
    spec: object["spec"] ?? null,
    annotations: getObject(object, "metadata", "annotations") ?? {},
  }),
  validate: validateDeployment,
  validateStatus: validateReplicaCounts,
  validateUpdate: validateSelectorUpdate,
};

/** The rules of the built-in kinds by `group/plural`. */
export const builtinStrategies: Readonly<Record<string, Strategy>> = withDefaults({
  "/namespaces": namespaceStrategy,
  "/configmaps": { validate: validateConfigMap, validateUpdate: validateImmutable },
  "/secrets": {
    validate: validateSecret,
    validateUpdate: validateSecretUpdate,
    selectableFields: (secret) => ({ type: getString(secret, "type") }),
  },
  "/serviceaccounts": { returnsDeleted: true },
  "/pods": podStrategy,
  "/services": serviceStrategy,
  "/endpoints": {},
  "/events": { selectableFields: eventFields },
  "/nodes": {
    resetFields: statusReset,
    selectableFields: (node) => ({
      "spec.unschedulable": textOf(getObject(node, "spec")?.["unschedulable"] ?? false),
    }),
  },
  "apps/deployments": deploymentStrategy,
  "apps/replicasets": {
    resetFields: statusReset,
    generationOf: specGeneration,
    validate: validateDeployment,
    validateStatus: validateReplicaCounts,
    validateUpdate: validateSelectorUpdate,
    selectableFields: (set) => ({ "status.replicas": textOf(getObject(set, "status")?.["replicas"] ?? 0) }),
  },
  "batch/jobs": {
    resetFields: statusReset,
    generationOf: specGeneration,
    prepareForCreate: prepareJob,
    validate: validateJob,
    validateUpdate: validateJobUpdate,
    defaultPropagation: "Orphan",
    selectableFields: (job) => ({
      "status.successful": textOf(getObject(job, "status")?.["succeeded"] ?? 0),
    }),
  },
  "rbac.authorization.k8s.io/roles": { validateName: pathSegment, validate: validateRole },
  "rbac.authorization.k8s.io/clusterroles": { validateName: pathSegment, validate: validateRole },
  "rbac.authorization.k8s.io/rolebindings": {
    validateName: pathSegment,
    validate: validateBinding,
    validateUpdate: validateBindingUpdate,
  },
  "rbac.authorization.k8s.io/clusterrolebindings": {
    validateName: pathSegment,
    validate: validateBinding,
    validateUpdate: validateBindingUpdate,
  },
  "apiextensions.k8s.io/customresourcedefinitions": crdStrategy,
  "coordination.k8s.io/leases": { validate: validateLease },
  "networking.k8s.io/networkpolicies": { generationOf: specGeneration },
  "policy/poddisruptionbudgets": { resetFields: statusReset, generationOf: specGeneration },
});

/** The fields nobody can own through an endpoint. */
export function resetFieldsOf(strategy: Strategy, subresource: string): ReturnType<typeof setOf> {
  return strategy.resetFields?.[subresource] ?? emptySet;
}

function withDefaults(strategies: Record<string, Strategy>): Record<string, Strategy> {
  return Object.fromEntries(
    Object.entries(strategies).map(([collection, strategy]): [string, Strategy] => {
      const defaults = builtinDefaults[collection];
      return [collection, defaults === undefined ? strategy : { ...strategy, defaults }];
    }),
  );
}

function restoreLabels(object: JsonObject, old: JsonObject): void {
  const labels = getObject(old, "metadata", "labels");
  if (labels === undefined) delete metadataOf(object)["labels"];
  else metadataOf(object)["labels"] = labels;
}

function eventFields(event: JsonObject): Record<string, string> {
  const involved = getObject(event, "involvedObject") ?? {};
  const names = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"];
  return {
    ...Object.fromEntries(names.map((name) => [`involvedObject.${name}`, getString(involved, name)])),
    reason: getString(event, "reason"),
    reportingComponent: getString(event, "reportingComponent"),
    source: getString(event, "source", "component") || getString(event, "reportingComponent"),
    type: getString(event, "type"),
  };
}
