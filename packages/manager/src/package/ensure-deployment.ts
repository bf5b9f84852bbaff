import { annotations, type ObjectSetObject, type ObjectSetTemplateSpec } from "@package-operator/api";
import { type CallOptions, isAlreadyExists, isConflict } from "@package-operator/kube";
import { jsonEqual } from "@package-operator/rollout";
import type { ObjectDeployment, PackageResource } from "../resources.ts";
import { keyObject } from "../runtime/kind-store.ts";
import type { Stores } from "../runtime/stores.ts";
import { type Chunkable, chunkPhases, parseStrategy } from "./chunk.ts";
import { mergeDeployment } from "./desired-deployment.ts";
import { collectSlices, ensureSlice, withDefaults } from "./slices.ts";

/** How often an update that meets another one is tried again. */
const attempts = 5;

/** Brings the deployment of a package, and its slices, to what the package rendered. */
export async function ensureDeployment(
  stores: Stores,
  pkg: PackageResource,
  desired: ObjectDeployment,
  options: CallOptions,
): Promise<void> {
  const chunks = chunkTemplate(pkg, desired.spec.template.spec);
  const isSliced = chunks.some((phase) => phase.length > 0);
  const existing = stores.deployments.get(keyObject(desired));
  if (existing === undefined && !isSliced) {
    const created = await createDeployment(stores, desired, options);
    if (created === "created") return;
  }
  const owner = existing ?? (await ensureEmptyDeployment(stores, desired, options));
  const template = isSliced
    ? await sliceTemplate(stores, owner, desired, chunks, options)
    : desired.spec.template.spec;
  const wanted = {
    ...desired,
    spec: { ...desired.spec, template: { ...desired.spec.template, spec: template } },
  };
  const updated = await updateDeployment(stores, pkg, { existing: owner, desired: wanted }, options);
  await collectSlices(stores, updated, options);
}

function chunkTemplate(pkg: PackageResource, template: ObjectSetTemplateSpec): ObjectSetObject[][][] {
  const strategy = parseStrategy(pkg.metadata.annotations?.[annotations.chunkingStrategy]);
  const phases = (template.phases ?? []).map(
    ({ objects = [] }) => objects as (ObjectSetObject & Chunkable)[],
  );
  return chunkPhases(phases, strategy);
}

async function createDeployment(
  stores: Stores,
  desired: ObjectDeployment,
  options: CallOptions,
): Promise<"created" | "exists"> {
  try {
    await stores.deployments.create(desired, options);
    return "created";
  } catch (error) {
    if (isAlreadyExists(error)) return "exists";
    throw error;
  }
}

/** Slices need an owner before the deployment can name them; without phases it makes no revision yet. */
async function ensureEmptyDeployment(
  stores: Stores,
  desired: ObjectDeployment,
  options: CallOptions,
): Promise<ObjectDeployment> {
  const empty = { ...desired, spec: { ...desired.spec, template: { ...desired.spec.template, spec: {} } } };
  await createDeployment(stores, empty, options);
  return readDeployment(stores, desired, options);
}

async function readDeployment(
  stores: Stores,
  desired: ObjectDeployment,
  options: CallOptions,
): Promise<ObjectDeployment> {
  const key = keyObject(desired);
  const existing = stores.deployments.get(key) ?? (await stores.deployments.read(key, options));
  if (existing === undefined)
    throw new Error(`${desired.kind} ${key.name} was deleted while it was deployed`);
  return existing;
}

async function sliceTemplate(
  stores: Stores,
  owner: ObjectDeployment,
  desired: ObjectDeployment,
  chunks: ObjectSetObject[][][],
  options: CallOptions,
): Promise<ObjectSetTemplateSpec> {
  const { phases = [], ...rest } = desired.spec.template.spec;
  const sliced = [];
  for (const [index, phase] of phases.entries()) {
    const parts = chunks[index] ?? [];
    const { objects: _objects, ...bare } = phase;
    const slices: string[] = [];
    for (const part of parts) slices.push(await ensureSlice(stores, owner, part, options));
    sliced.push(parts.length === 0 ? phase : { ...bare, slices });
  }
  return { ...rest, phases: sliced };
}

async function updateDeployment(
  stores: Stores,
  pkg: PackageResource,
  { existing: found, desired }: { existing: ObjectDeployment; desired: ObjectDeployment },
  options: CallOptions,
): Promise<ObjectDeployment> {
  let existing = found;
  for (let attempt = 1; ; attempt++) {
    const merged = mergeDeployment(existing, desired, pkg);
    if (isUnchanged(existing, merged)) return existing;
    try {
      return await stores.deployments.update(merged, options);
    } catch (error) {
      if (!isConflict(error) || attempt === attempts) throw error;
    }
    existing = (await stores.deployments.read(keyObject(desired), options)) ?? existing;
  }
}

/** Whether an update would change nothing, given the defaults the server fills in. */
function isUnchanged(existing: ObjectDeployment, merged: ObjectDeployment): boolean {
  return (
    jsonEqual(existing.metadata.labels, merged.metadata.labels) &&
    jsonEqual(existing.metadata.annotations, merged.metadata.annotations) &&
    jsonEqual(existing.metadata.ownerReferences, merged.metadata.ownerReferences) &&
    jsonEqual(defaulted(existing.spec.template.spec), defaulted(merged.spec.template.spec))
  );
}

/** A template as the server stores it, in a form that can be compared. */
function defaulted({ phases = [], availabilityProbes = [], ...rest }: ObjectSetTemplateSpec): unknown {
  return {
    ...rest,
    phases: phases.map(({ objects, ...phase }) => [phase, objects?.map(withDefaults)]),
    availabilityProbes: availabilityProbes.map(({ selector, probes }) => [
      selector,
      probes.map(({ condition, fieldsEqual, cel }) => [
        condition && [condition.type, condition.status || "True"],
        fieldsEqual,
        cel,
      ]),
    ]),
  };
}
