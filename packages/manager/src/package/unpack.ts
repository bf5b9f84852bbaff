import { conditionTypes, unpackedHash } from "@package-operator/api";
import type { CallOptions } from "@package-operator/kube";
import { encodeJson } from "@package-operator/kube-yaml";
import type { RawPackage } from "@package-operator/packaging";
import { type ConditionEdit, hasCondition } from "../conditions.ts";
import { messageOf } from "../errors.ts";
import type { ObjectDeployment, PackageResource } from "../resources.ts";
import { keyObject } from "../runtime/kind-store.ts";
import type { Outcome } from "../runtime/reconciler.ts";
import type { Stores } from "../runtime/stores.ts";
import { deployPackage } from "./deploy.ts";
import type { PackageRuntime } from "./package-runtime.ts";
import { keptImagesAnnotation } from "./resolved-images.ts";

/** What an attempt to unpack found out, beside the conditions it set. */
export interface Unpacking extends Outcome {
  /** The hash to record, when the spec counts as unpacked now. */
  readonly unpackedHash?: string;
  /** The image could not be pulled; nothing else is to be said about the package in this pass. */
  readonly pullFailed?: boolean;
}

/** Pulls and deploys the package of a spec, unless that was done or failed a moment ago. */
export async function unpack(
  stores: Stores,
  runtime: PackageRuntime,
  pkg: PackageResource,
  conditions: ConditionEdit,
  options: CallOptions,
): Promise<Unpacking> {
  const { uid = "" } = pkg.metadata;
  const hash = specHash(pkg, runtime);
  const deployment = stores.deployments.get(keyObject(pkg));
  if (isUnpacked(pkg, hash, deployment)) {
    if (hasCondition(pkg, conditionTypes.unpacked, "False")) {
      setUnpacked(conditions, "AlreadyUnpacked", "Package already unpacked");
    }
    return {};
  }
  if (deployment && (await keepDeployment(stores, runtime, pkg, { deployment, hash }, options))) {
    return { unpackedHash: hash };
  }
  const wait = runtime.memory.waitFor(uid, hash);
  if (wait > 0) {
    const pullFailed = hasCondition(pkg, conditionTypes.unpacked, "False");
    return { requeueAfterMs: wait, ...(pullFailed ? { pullFailed } : {}) };
  }
  const startedAt = runtime.clock.monotonic();
  let raw: RawPackage;
  try {
    raw = await runtime.puller.pull(pkg.spec.image, options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    const { unpacked: type } = conditionTypes;
    conditions.set({ type, status: "False", reason: "ImagePullBackOff", message: messageOf(error) });
    return { requeueAfterMs: runtime.memory.pullFailed(uid, hash), pullFailed: true };
  }
  return deployPulled(stores, runtime, pkg, { raw, hash, startedAt, conditions }, options);
}

/**
 * Whether nothing is left to do for a spec. Its deployment may be gone though it was unpacked: deleted by hand, or with
 * a package of the same name that existed before; that it is missing is in order only for packages that are invalid.
 */
export function isUnpacked(
  pkg: PackageResource,
  hash: string,
  deployment: ObjectDeployment | undefined,
): boolean {
  if (pkg.status?.unpackedHash !== hash) return false;
  return deployment !== undefined || hasCondition(pkg, conditionTypes.invalid, "True");
}

/** Takes the deployment for the new hash as it is, when other overrides are all that is new and they change nothing. */
async function keepDeployment(
  stores: Stores,
  runtime: PackageRuntime,
  pkg: PackageResource,
  { deployment, hash }: { readonly deployment: ObjectDeployment; readonly hash: string },
  options: CallOptions,
): Promise<boolean> {
  const recorded = pkg.status?.unpackedHash;
  if (recorded === undefined || hasCondition(pkg, conditionTypes.invalid, "True")) return false;
  if (!hasCondition(pkg, conditionTypes.unpacked, "True")) return false;
  const kept = keptImagesAnnotation(deployment, { recorded, wanted: hash }, runtime.overrides.prefix);
  if (kept === undefined) return false;
  const { metadata } = deployment;
  const annotations = { ...metadata.annotations, ...kept };
  await stores.deployments.update({ ...deployment, metadata: { ...metadata, annotations } }, options);
  return true;
}

/** The hash of everything an unpacked package depends on. */
function specHash(
  pkg: PackageResource,
  { hashModifier, overrides }: Pick<PackageRuntime, "hashModifier" | "overrides">,
): string {
  return unpackedHash(pkg.spec, {
    encodeJson,
    modifier: hashModifier,
    prefixOverrides: overrides.prefix.rules,
  });
}

async function deployPulled(
  stores: Stores,
  runtime: PackageRuntime,
  pkg: PackageResource,
  pulled: { raw: RawPackage; hash: string; startedAt: number; conditions: ConditionEdit },
  options: CallOptions,
): Promise<Unpacking> {
  const { raw, hash, conditions } = pulled;
  const { uid = "", namespace = "" } = pkg.metadata;
  const environment = await runtime.environment.forNamespace(namespace, options);
  const context = { environment, prefix: runtime.overrides.prefix, unpackedHash: hash };
  const result = await deployPackage(stores, pkg, raw, context, options);
  const { invalid: type } = conditionTypes;
  if (result.kind === "refused") {
    conditions.set({ type, status: "True", reason: result.reason, message: result.message });
    if (!result.final) return { requeueAfterMs: runtime.memory.refused(uid, hash) };
  } else {
    conditions.remove(type);
  }
  runtime.memory.forget(uid);
  setUnpacked(conditions, "UnpackSuccess", "Unpack job succeeded");
  runtime.metrics.recordLoad(pkg, (runtime.clock.monotonic() - pulled.startedAt) / 1000);
  return { unpackedHash: hash };
}

function setUnpacked(conditions: ConditionEdit, reason: string, message: string): void {
  conditions.set({ type: conditionTypes.unpacked, status: "True", reason, message });
}
