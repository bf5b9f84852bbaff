import { setOf } from "../fields/field-set.ts";
import {
  ensureObject,
  getNumber,
  getObject,
  getObjects,
  getString,
  getValue,
  isTrue,
  type JsonObject,
  metadataOf,
  nameOf,
  namespaceOf,
} from "../json.ts";
import { forbidden } from "../refusals.ts";
import type { Strategy, StrategyContext } from "../resources/strategy.ts";
import { containersOf } from "./pod-defaults.ts";
import { validatePodSpec, validatePodUpdate } from "./pod-rules.ts";

const tokenMountPath = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The rules of Pods, with what the ServiceAccount, toleration and priority admission of a cluster does. */
export const podStrategy: Strategy = {
  resetFields: {
    "": setOf(["f:status"]),
    status: setOf(["f:spec"], ["f:metadata", "f:deletionTimestamp"], ["f:metadata", "f:ownerReferences"]),
  },
  prepareForCreate: (pod, context) => {
    admitServiceAccount(pod, context);
    admitScheduling(ensureObject(pod, "spec"));
    pod["status"] = { phase: "Pending", qosClass: qosClass(pod) };
  },
  prepareForStatusUpdate: (pod, old) => {
    for (const field of ["deletionTimestamp", "ownerReferences"]) {
      const value = getValue(old, "metadata", field);
      if (value === undefined) delete metadataOf(pod)[field];
      else metadataOf(pod)[field] = value;
    }
    ensureObject(pod, "status")["qosClass"] = getString(old, "status", "qosClass");
  },
  generationOf: (pod) => ({ spec: pod["spec"] ?? null }),
  validate: (pod) => validatePodSpec(getObject(pod, "spec") ?? {}, "spec"),
  validateUpdate: validatePodUpdate,
  gracePeriod: (pod, requested) => {
    const seconds = requested ?? getNumber(pod, "spec", "terminationGracePeriodSeconds") ?? 30;
    const phase = getString(pod, "status", "phase");
    // Nobody waits for a Pod that never got a node, or that has ended.
    if (getString(pod, "spec", "nodeName") === "" || phase === "Succeeded" || phase === "Failed") return 0;
    return seconds < 0 ? 1 : seconds;
  },
  returnsDeleted: true,
  selectableFields: (pod) => ({
    "spec.nodeName": getString(pod, "spec", "nodeName"),
    "spec.restartPolicy": getString(pod, "spec", "restartPolicy"),
    "spec.schedulerName": getString(pod, "spec", "schedulerName"),
    "spec.serviceAccountName": getString(pod, "spec", "serviceAccountName"),
    "spec.hostNetwork": String(isTrue(pod, "spec", "hostNetwork")),
    "status.phase": getString(pod, "status", "phase"),
    "status.podIP": getString(pod, "status", "podIP"),
    "status.nominatedNodeName": getString(pod, "status", "nominatedNodeName"),
  }),
};

function admitServiceAccount(pod: JsonObject, context: StrategyContext): void {
  const spec = ensureObject(pod, "spec");
  const name = getString(spec, "serviceAccountName") || "default";
  spec["serviceAccountName"] = name;
  spec["serviceAccount"] = name;
  const account = context.lookup("/serviceaccounts", namespaceOf(pod), name);
  if (account === undefined) {
    throw forbidden(
      { group: "", plural: "pods" },
      nameOf(pod),
      `error looking up service account ${namespaceOf(pod)}/${name}: serviceaccount "${name}" not found`,
    );
  }
  const secrets = getObjects(account, "imagePullSecrets");
  if (secrets.length > 0 && getObjects(spec, "imagePullSecrets").length === 0)
    spec["imagePullSecrets"] = secrets;
  const automount = spec["automountServiceAccountToken"] ?? account["automountServiceAccountToken"] ?? true;
  if (automount === true) mountToken(spec, context);
}

function mountToken(spec: JsonObject, context: StrategyContext): void {
  const containers = containersOf(spec).filter((container) =>
    getObjects(container, "volumeMounts").every((mount) => mount["mountPath"] !== tokenMountPath),
  );
  if (containers.length === 0) return;
  const name = `kube-api-access-${context.randomSuffix()}`;
  spec["volumes"] = [...getObjects(spec, "volumes"), { name, projected: tokenProjection }];
  for (const container of containers) {
    const mounts = getObjects(container, "volumeMounts");
    container["volumeMounts"] = [...mounts, { name, readOnly: true, mountPath: tokenMountPath }];
  }
}

const tokenProjection: JsonObject = {
  sources: [
    { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
    { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
    {
      downwardAPI: {
        items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
      },
    },
  ],
  defaultMode: 0o644,
};

function admitScheduling(spec: JsonObject): void {
  spec["priority"] ??= 0;
  spec["preemptionPolicy"] ??= "PreemptLowerPriority";
  const tolerations = getObjects(spec, "tolerations");
  for (const key of ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]) {
    const tolerated = tolerations.some(
      (item) => getString(item, "effect") !== "NoSchedule" && ["", key].includes(getString(item, "key")),
    );
    if (!tolerated)
      tolerations.push({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 });
  }
  spec["tolerations"] = tolerations;
}

/** The quality-of-service class: Guaranteed, Burstable or BestEffort. */
function qosClass(pod: JsonObject): string {
  const resources = containersOf(getObject(pod, "spec") ?? {}).map((container) => ({
    requests: getObject(container, "resources", "requests") ?? {},
    limits: getObject(container, "resources", "limits") ?? {},
  }));
  const empty = (list: JsonObject): boolean => list["cpu"] === undefined && list["memory"] === undefined;
  if (resources.every(({ requests, limits }) => empty(requests) && empty(limits))) return "BestEffort";
  const guaranteed = resources.every(({ requests, limits }) =>
    ["cpu", "memory"].every(
      (name) => limits[name] !== undefined && (requests[name] ?? limits[name]) === limits[name],
    ),
  );
  return guaranteed ? "Guaranteed" : "Burstable";
}
