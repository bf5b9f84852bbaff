import { conditionTypes, finalizers, isValidReason, type ObjectTemplateStatus } from "@package-operator/api";
import {
  type CallOptions,
  isAlreadyExists,
  type KindRef,
  type KubeObject,
  parseApiVersion,
  refOf,
} from "@package-operator/kube";
import { isJsonObject, type JsonObject } from "@package-operator/kube-yaml";
import { contextJson } from "@package-operator/packaging";
import { controllerReference, jsonEqual } from "@package-operator/rollout";
import { type ConditionEdit, type ConditionValue, editConditions } from "../conditions.ts";
import type { EnvironmentSource } from "../environment/environment-source.ts";
import { cacheUser } from "../object-set/cache-user.ts";
import { isControlledBy, ownerOf } from "../owners.ts";
import type { ObjectTemplate } from "../resources.ts";
import { isBeingDeleted } from "../runtime/kind-store.ts";
import type { Outcome, Reconcile } from "../runtime/reconciler.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Stores } from "../runtime/stores.ts";
import { RenderProblem, renderManifest } from "./render.ts";
import { SourceProblem } from "./source-problem.ts";
import { checkReference, describeRef, readSources, sourceRef } from "./sources.ts";

/** What the template controllers work with beside the common things. */
export interface TemplateRuntime extends Runtime {
  readonly environment: EnvironmentSource;
  /** How long to wait for a missing source, and for a missing optional one, in milliseconds. */
  readonly retryAfterMs: number;
  readonly optionalRetryAfterMs: number;
}

/** Renders an object from values of others, and keeps it as the template says. */
export function createObjectTemplateReconcile(stores: Stores, runtime: TemplateRuntime): Reconcile {
  return async (key, options) => {
    const template = stores.templates.get(key);
    if (template === undefined) return {};
    if (isBeingDeleted(template)) {
      runtime.cache.unregister(cacheUser(template));
      await stores.templates.release(template, [finalizers.cached], options);
      return {};
    }
    const held = await stores.templates.hold(template, [finalizers.cached], options);
    const conditions = editConditions(held, runtime.clock.now());
    const { status, outcome } = await attempt(runtime, held, conditions, options);
    await stores.templates.writeStatus(held, { ...status, conditions: conditions.list() }, options);
    return outcome;
  };
}

interface Attempt {
  readonly status: ObjectTemplateStatus;
  readonly outcome: Outcome;
}

async function attempt(
  runtime: TemplateRuntime,
  template: ObjectTemplate,
  conditions: ConditionEdit,
  options: CallOptions,
): Promise<Attempt> {
  const { templateInvalid: type } = conditionTypes;
  const status = template.status ?? {};
  try {
    await checkSources(runtime, template, options);
    const { config, missesOptional } = await readSources(runtime, template, options);
    const object = await ensureObject(runtime, template, config, options);
    conditions.remove(type);
    for (const condition of conditionsOf(object)) conditions.set(condition);
    const outcome = missesOptional ? { requeueAfterMs: runtime.optionalRetryAfterMs } : {};
    return { status: { ...status, controllerOf: referenceTo(object) }, outcome };
  } catch (error) {
    if (error instanceof SourceProblem) {
      conditions.set({ type, status: "True", reason: "SourceError", message: error.message });
      return { status, outcome: error.retry ? { requeueAfterMs: runtime.retryAfterMs } : {} };
    }
    if (!(error instanceof RenderProblem)) throw error;
    conditions.set({ type, status: "True", reason: "TemplateError", message: error.message });
    return { status, outcome: {} };
  }
}

async function checkSources(
  runtime: TemplateRuntime,
  template: ObjectTemplate,
  options: CallOptions,
): Promise<void> {
  const kinds: KindRef[] = [];
  for (const source of template.spec.sources) {
    const ref = sourceRef(template, source);
    const { apiVersion, kind, name, namespace } = ref;
    const object = { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}) } };
    await prefixProblem(describeRef(ref), () => checkReference(runtime, template, object, options));
    kinds.push(ref);
  }
  const { controllerOf } = template.status ?? {};
  if (controllerOf?.kind) {
    const { group, version, kind } = controllerOf;
    kinds.push({ apiVersion: group === "" ? version : `${group}/${version}`, kind });
  }
  runtime.cache.register(cacheUser(template), kinds);
}

async function prefixProblem(prefix: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof SourceProblem)) throw error;
    throw new SourceProblem(`${prefix}: ${error.message}`, error);
  }
}

/** Creates the object, or replaces it when it is the template's and differs from what is rendered. */
async function ensureObject(
  runtime: TemplateRuntime,
  template: ObjectTemplate,
  config: JsonObject,
  options: CallOptions,
): Promise<KubeObject> {
  const { namespace = "" } = template.metadata;
  const environment = await runtime.environment.forNamespace(namespace, options);
  const { environment: visible = {} } = contextJson({
    package: { metadata: { name: "", namespace: "" }, image: "" },
    config: null,
    images: null,
    dependencies: null,
    environment,
  });
  const rendered = renderManifest(template.spec.template, { config, environment: visible });
  await checkReference(runtime, template, rendered, options);
  const metadata = { ...rendered.metadata, ...(namespace === "" ? {} : { namespace }) };
  const desired: KubeObject = {
    ...rendered,
    metadata: { ...metadata, ownerReferences: [controllerReference(ownerOf(template))] },
  };
  registerKind(runtime, template, desired);
  const existing = await runtime.cache.get(refOf(desired), options);
  if (existing !== undefined) return replaceObject(runtime, template, desired, existing, options);
  try {
    return await runtime.client.create(desired, options);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const live = await runtime.client.get(refOf(desired), options);
    return replaceObject(runtime, template, desired, live, options);
  }
}

/** The kind of the object is known only after rendering. */
function registerKind(runtime: TemplateRuntime, template: ObjectTemplate, desired: KubeObject): void {
  const sources = template.spec.sources.map((source) => sourceRef(template, source));
  runtime.cache.register(cacheUser(template), [...sources, desired]);
}

async function replaceObject(
  runtime: TemplateRuntime,
  template: ObjectTemplate,
  desired: KubeObject,
  existing: KubeObject,
  options: CallOptions,
): Promise<KubeObject> {
  if (!isControlledBy(existing, template)) {
    const { kind, metadata } = existing;
    const place = `${kind} ${metadata.namespace ?? ""}/${metadata.name ?? ""}`;
    throw new SourceProblem(`${place}: exists and is not controlled by this template`, { retry: true });
  }
  const { ownerReferences, finalizers: held, resourceVersion, labels, annotations } = existing.metadata;
  const replaced: KubeObject = {
    ...desired,
    metadata: {
      ...desired.metadata,
      labels: { ...labels, ...desired.metadata.labels },
      annotations: { ...annotations, ...desired.metadata.annotations },
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
      ...(held === undefined ? {} : { finalizers: held }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
  };
  // A replacement drops what neither the template nor the server's defaults give; when that is nothing, none is sent.
  return isReplaced(replaced, existing) ? existing : runtime.client.update(replaced, options);
}

function isReplaced(replaced: KubeObject, existing: KubeObject): boolean {
  const { metadata: wanted, status: _wanted, ...body } = replaced;
  const { metadata: stored, status: _stored, ...present } = existing;
  return (
    jsonEqual(body, present) &&
    jsonEqual(wanted.labels ?? {}, stored.labels ?? {}) &&
    jsonEqual(wanted.annotations ?? {}, stored.annotations ?? {})
  );
}

/** The object's conditions that speak of its present generation and that the API would accept. */
function conditionsOf(object: KubeObject): ConditionValue[] {
  const status = object["status"];
  if (!isJsonObject(status) || !Array.isArray(status["conditions"])) return [];
  const generation = object.metadata.generation ?? 0;
  const observed = status["observedGeneration"];
  if (observed !== undefined && observed !== generation) return [];
  return status["conditions"].filter(isJsonObject).flatMap((condition) => {
    const { type, status: value, reason, message, observedGeneration } = condition;
    if (observedGeneration !== generation || typeof type !== "string") return [];
    if (value !== "True" && value !== "False" && value !== "Unknown") return [];
    if (typeof reason !== "string" || !isValidReason(reason) || typeof message !== "string") return [];
    return [{ type, status: value, reason, message }];
  });
}

function referenceTo(object: KubeObject): NonNullable<ObjectTemplateStatus["controllerOf"]> {
  const { name = "", namespace } = object.metadata;
  const { group, version } = parseApiVersion(object.apiVersion);
  return { kind: object.kind, group, version, name, ...(namespace === undefined ? {} : { namespace }) };
}
