import { annotations, apiVersion, installation, kinds, labels } from "@package-operator/api";
import type { Logger } from "@package-operator/controller";
import {
  type CallOptions,
  type Clock,
  isNotFound,
  isUnknownKind,
  type KubeClient,
  type KubeObject,
  waitFor,
} from "@package-operator/kube";
import { isJsonObject, type JsonObject } from "@package-operator/kube-yaml";
import type { PrefixMatcher } from "@package-operator/image";
import { jsonEqual } from "@package-operator/rollout";
import type { ObjectSet } from "../resources.ts";
import { mergePatch } from "./configuration.ts";

/** The ClusterPackage of the operator itself. */
const ownPackage = {
  apiVersion,
  kind: kinds.ClusterPackage.kind,
  name: installation.clusterPackage,
} as const;

const objectSetKind = { apiVersion, kind: kinds.ClusterObjectSet.kind } as const;

/** How long the old operator's Deployment may take to go. */
const deletionTimeout = 120_000;

/** What a step of the bootstrap works with. */
export interface StepOptions extends CallOptions {
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The stored ClusterPackage; undefined where it, or as yet its kind, does not exist. */
export async function findOwnPackage(
  client: KubeClient,
  options: CallOptions,
): Promise<KubeObject | undefined> {
  try {
    return await client.find(ownPackage, options);
  } catch (error) {
    if (isUnknownKind(error)) return undefined;
    throw error;
  }
}

/** The configuration in a ClusterPackage. */
export function configOf(pkg: KubeObject | undefined): JsonObject | undefined {
  const spec = pkg?.["spec"];
  const config = isJsonObject(spec) ? spec["config"] : undefined;
  return isJsonObject(config) ? config : undefined;
}

/**
 * Brings the ClusterPackage to the wanted image and configuration; what else is in it stays. For another image the old
 * operator has to be out of the way first, or it would fight the new one. Returns whether anything was changed.
 */
export async function ensureOwnPackage(
  client: KubeClient,
  wanted: { image: string; config: JsonObject | undefined; namespace: string; prefix: PrefixMatcher },
  options: StepOptions,
): Promise<boolean> {
  const { image, config } = wanted;
  const patch: JsonObject = { image, ...(config === undefined ? {} : { config }) };
  const stored = await findOwnPackage(client, options);
  if (stored === undefined) {
    const { apiVersion: version, kind, name } = ownPackage;
    await client.create({ apiVersion: version, kind, metadata: { name }, spec: patch }, options);
    return true;
  }
  const spec = isJsonObject(stored["spec"]) ? stored["spec"] : {};
  if (jsonEqual(mergePatch(spec, patch), spec)) return false;
  if (spec["image"] !== image) {
    options.logger.info("image has been updated", { from: spec["image"], to: image });
    await removeManager(client, wanted.namespace, options);
    await pauseOtherRevisions(client, wanted, options);
  }
  options.logger.info("patching PackageOperator ClusterPackage");
  await client.patch(ownPackage, { type: "merge", body: { spec: patch } }, options);
  return true;
}

async function removeManager(client: KubeClient, namespace: string, options: StepOptions): Promise<void> {
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    namespace,
    name: installation.managerDeployment,
  };
  try {
    await client.delete(deployment, {
      signal: options.signal,
      propagation: "Foreground",
      gracePeriodSeconds: 0,
    });
  } catch (error) {
    if (isNotFound(error)) return;
    throw error;
  }
  const { clock, signal } = options;
  await waitFor(client, deployment, (object) => object === undefined, {
    timeoutMs: deletionTimeout,
    clock,
    signal,
  });
}

/**
 * Pauses the operator's own revisions, so that an old one does not put the old operator back; a paused one of the wanted
 * image is resumed. Sets carry the image after the override of whoever made them, so both forms are compared.
 */
async function pauseOtherRevisions(
  client: KubeClient,
  { image, prefix }: { image: string; prefix: PrefixMatcher },
  options: CallOptions,
): Promise<void> {
  const labelSelector = `${labels.objectDeployment}=${installation.clusterPackage}`;
  const { items } = await client.list<ObjectSet>(objectSetKind, { ...options, labelSelector });
  for (const set of items) {
    const source = set.metadata.annotations?.[annotations.packageSourceImage];
    const isWanted = source === image || source === prefix.replace(image);
    const state = set.spec.lifecycleState ?? "Active";
    const next = state === "Paused" && isWanted ? "Active" : state === "Active" ? "Paused" : state;
    if (next === state) continue;
    await client.update({ ...set, spec: { ...set.spec, lifecycleState: next } }, options);
  }
}
