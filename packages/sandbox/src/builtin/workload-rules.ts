import {
  type FieldError,
  forbidden,
  invalid,
  matchesSelector,
  notSupported,
  required,
  SchemaError,
  selectorFromObject,
  validateLabelSelector,
  validateLabels,
} from "@package-operator/schema";
import {
  ensureObject,
  equalJson,
  getNumber,
  getObject,
  getString,
  getStringMap,
  isTrue,
  type JsonObject,
  nameOf,
  uidOf,
} from "../json.ts";
import { validatePodSpec } from "./pod-rules.ts";

/** Checks what Deployments and ReplicaSets share: selector, template, replicas. */
export function validateDeployment(object: JsonObject): FieldError[] {
  const spec = getObject(object, "spec") ?? {};
  return [
    ...notNegative(spec, "replicas"),
    ...notNegative(spec, "minReadySeconds"),
    ...notNegative(spec, "revisionHistoryLimit"),
    ...validateSelector(spec),
    ...validateTemplate(spec, ["Always"]),
    ...validateStrategy(getObject(spec, "strategy") ?? {}),
  ];
}

function validateStrategy(strategy: JsonObject): FieldError[] {
  const type = getString(strategy, "type");
  if (type === "Recreate" && strategy["rollingUpdate"] !== undefined) {
    return [
      forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'"),
    ];
  }
  return ["", "Recreate", "RollingUpdate"].includes(type)
    ? []
    : [notSupported("spec.strategy.type", type, ["Recreate", "RollingUpdate"])];
}

/** Checks the counts in the status of a Deployment or ReplicaSet against each other. */
export function validateReplicaCounts(object: JsonObject): FieldError[] {
  const status = getObject(object, "status") ?? {};
  const count = (name: string): number => getNumber(status, name) ?? 0;
  const names = ["replicas", "updatedReplicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas"];
  const errors = names.flatMap((name) => notNegative(status, name, "status"));
  for (const name of names.slice(1)) {
    if (count(name) > count("replicas")) {
      errors.push(invalid(`status.${name}`, count(name), "cannot be greater than status.replicas"));
    }
  }
  if (count("availableReplicas") > count("readyReplicas")) {
    errors.push(
      invalid("status.availableReplicas", count("availableReplicas"), "cannot be greater than readyReplicas"),
    );
  }
  return errors;
}

/** The selector of a Deployment or ReplicaSet never changes. */
export function validateSelectorUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  return unchanged(object, old, "selector");
}

/** Gives a Job the selector and labels by which it finds its Pods, unless it brings its own. */
export function prepareJob(job: JsonObject): void {
  job["status"] = {};
  const spec = ensureObject(job, "spec");
  if (isTrue(spec, "manualSelector")) return;
  const labels = ensureObject(ensureObject(ensureObject(spec, "template"), "metadata"), "labels");
  const uid = uidOf(job);
  labels["batch.kubernetes.io/controller-uid"] ??= uid;
  labels["batch.kubernetes.io/job-name"] ??= nameOf(job);
  labels["controller-uid"] ??= uid;
  labels["job-name"] ??= nameOf(job);
  const selector = ensureObject(ensureObject(spec, "selector"), "matchLabels");
  selector["batch.kubernetes.io/controller-uid"] ??= uid;
}

/** Checks a Job. */
export function validateJob(object: JsonObject): FieldError[] {
  const spec = getObject(object, "spec") ?? {};
  const numbers = [
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
  ];
  return [
    ...numbers.flatMap((name) => notNegative(spec, name)),
    ...validateSelector(spec),
    ...validateTemplate(spec, ["OnFailure", "Never"]),
  ];
}

/** Completions, selector and template of a Job never change, except the template while suspended. */
export function validateJobUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  const fields = [
    "completions",
    "selector",
    "completionMode",
    "podFailurePolicy",
    "backoffLimitPerIndex",
    "managedBy",
  ];
  const suspended = isTrue(old, "spec", "suspend") && getString(old, "status", "startTime") === "";
  return [
    ...fields.flatMap((field) => unchanged(object, old, field)),
    ...(suspended ? [] : unchanged(object, old, "template")),
  ];
}

function validateSelector(spec: JsonObject): FieldError[] {
  const selector = getObject(spec, "selector");
  const labels = getStringMap(spec, "template", "metadata", "labels");
  const shown = Object.keys(labels).length === 0 ? null : labels;
  const mismatch = invalid(
    "spec.template.metadata.labels",
    shown,
    "`selector` does not match template `labels`",
  );
  if (selector === undefined) return [required("spec.selector"), mismatch];
  const errors = validateLabelSelector(selector, "spec.selector");
  if (errors.length > 0) return errors;
  if (Object.values(selector).every((part) => Object.keys(part ?? {}).length === 0)) {
    return [invalid("spec.selector", selector, "empty selector is invalid for deployment")];
  }
  try {
    if (matchesSelector(selectorFromObject(selector), labels)) return [];
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
  }
  return [mismatch];
}

function validateTemplate(spec: JsonObject, restartPolicies: readonly string[]): FieldError[] {
  const template = getObject(spec, "template") ?? {};
  const podSpec = getObject(template, "spec") ?? {};
  const policy = getString(podSpec, "restartPolicy");
  const errors = [
    ...validateLabels(getStringMap(template, "metadata", "labels"), "spec.template.labels"),
    ...validatePodSpec(podSpec, "spec.template.spec"),
  ];
  if (!restartPolicies.includes(policy)) {
    const path = "spec.template.spec.restartPolicy";
    errors.push(
      restartPolicies.length > 1 && policy === "Always"
        ? required(path, `valid values: ${restartPolicies.map((value) => JSON.stringify(value)).join(", ")}`)
        : notSupported(path, policy, restartPolicies),
    );
  }
  return errors;
}

function notNegative(spec: JsonObject, name: string, path = "spec"): FieldError[] {
  const value = getNumber(spec, name);
  return value !== undefined && value < 0
    ? [invalid(`${path}.${name}`, value, "must be greater than or equal to 0")]
    : [];
}

function unchanged(object: JsonObject, old: JsonObject, field: string): FieldError[] {
  const value = getObject(object, "spec")?.[field];
  const before = getObject(old, "spec")?.[field];
  return equalJson(value, before) ? [] : [invalid(`spec.${field}`, value ?? null, "field is immutable")];
}
