import { cacheLabelValue, labels, type ObjectTemplateSource } from "@package-operator/api";
import type { CallOptions, KubeClient, KubeObject, ObjectRef } from "@package-operator/kube";
import type { JsonObject } from "@package-operator/kube-yaml";
import { checkManifest, formatObject, nativeOwnership, resolveKind } from "@package-operator/rollout";
import { copySourceItems, SchemaError } from "@package-operator/schema";
import type { ObjectTemplate } from "../resources.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { SourceProblem } from "./source-problem.ts";

/** Values read from all sources, and whether an optional one was not there. */
export interface SourceValues {
  readonly config: JsonObject;
  readonly missesOptional: boolean;
}

/** The object a source names, in the template's namespace when it names none. */
export function sourceRef(template: ObjectTemplate, source: ObjectTemplateSource): ObjectRef {
  const { apiVersion, kind, name, namespace } = source;
  return { apiVersion, kind, name, namespace: namespace || template.metadata.namespace };
}

/**
 * Checks an object that a template reads or makes: its kind must be served and fit the template's scope. Throws
 * {@link SourceProblem}; a kind that is not served yet is worth another try later.
 */
export async function checkReference(
  runtime: Runtime,
  template: ObjectTemplate,
  object: KubeObject,
  options: CallOptions,
): Promise<void> {
  const resource = await resolveKind(runtime, object, options);
  const scope = { namespace: template.metadata.namespace ?? "", ownership: nativeOwnership };
  const [problem] = checkManifest(object, resource, scope);
  if (problem !== undefined) {
    throw new SourceProblem(`${formatObject(object)}: ${problem}`, { retry: resource === undefined });
  }
}

/** Reads the sources of a template in order. Throws {@link SourceProblem}. */
export async function readSources(
  runtime: Runtime,
  template: ObjectTemplate,
  options: CallOptions,
): Promise<SourceValues> {
  const config: JsonObject = {};
  let missesOptional = false;
  for (const source of template.spec.sources) {
    const object = await findSource(runtime, sourceRef(template, source), source, options);
    if (object === undefined) missesOptional = true;
    else copyValues(source, object, config);
  }
  return { config, missesOptional };
}

function copyValues(source: ObjectTemplateSource, object: KubeObject, config: JsonObject): void {
  try {
    copySourceItems(source.items, object as unknown as JsonObject, config);
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    throw new SourceProblem(`${describe(object)}: ${error.message}`, { retry: false });
  }
}

/** Reads a source; one that nobody watches yet gets the label by which changes will be seen from now on. */
async function findSource(
  runtime: Runtime,
  ref: ObjectRef,
  { optional = false }: ObjectTemplateSource,
  options: CallOptions,
): Promise<KubeObject | undefined> {
  const cached = await runtime.cache.get(ref, options);
  if (cached !== undefined) return cached;
  const live = await runtime.client.find(ref, options);
  if (live !== undefined) return labelSource(runtime.client, ref, options);
  if (optional) return undefined;
  const { resource, group } = await runtime.client.discovery.resourceFor(ref, options);
  const kind = group === "" ? resource : `${resource}.${group}`;
  throw new SourceProblem(`${describeRef(ref)}: ${kind} "${ref.name}" not found`, { retry: true });
}

function labelSource(client: KubeClient, ref: ObjectRef, options: CallOptions): Promise<KubeObject> {
  const body = { metadata: { labels: { [labels.cache]: cacheLabelValue } } };
  return client.patch(ref, { type: "merge", body }, options);
}

function describe(object: KubeObject): string {
  return `for source ${formatObject(object)}`;
}

/** How messages call a source. */
export function describeRef({ kind, name, namespace = "" }: ObjectRef): string {
  return `for source ${kind} ${namespace}/${name}`;
}
