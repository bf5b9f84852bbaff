import { finalizers } from "@package-operator/api";
import type { CallOptions } from "@package-operator/kube";
import { editConditions } from "../conditions.ts";
import { at } from "../errors.ts";
import type { ObjectDeployment, PackageResource } from "../resources.ts";
import { isBeingDeleted } from "../runtime/kind-store.ts";
import type { Outcome, Reconcile } from "../runtime/reconciler.ts";
import type { Stores } from "../runtime/stores.ts";
import type { PackageRuntime } from "./package-runtime.ts";
import { copyDeploymentStatus, reportPause } from "./status.ts";
import { unpack, type Unpacking } from "./unpack.ts";

/** Unpacks the image of a package into its deployment and shows on the package how that is doing. */
export function createPackageReconcile(stores: Stores, runtime: PackageRuntime): Reconcile {
  return async (key, options) => {
    const pkg = stores.packages.get(key);
    if (pkg === undefined) return {};
    if (isBeingDeleted(pkg)) {
      runtime.metrics.forgetPackage(pkg);
      runtime.memory.forget(pkg.metadata.uid ?? "");
      await stores.packages.release(pkg, [finalizers.metrics], options);
      return {};
    }
    await pauseDeployment(stores, pkg, stores.deployments.get(key), options);
    const { written, outcome } = await unpackAndReport(stores, runtime, pkg, options);
    await stores.packages.hold(written, [finalizers.metrics], options);
    runtime.metrics.recordPackage(written);
    return outcome;
  };
}

/** A package owns the pause of its deployment. */
async function pauseDeployment(
  stores: Stores,
  pkg: PackageResource,
  deployment: ObjectDeployment | undefined,
  options: CallOptions,
): Promise<void> {
  const paused = pkg.spec.paused ?? false;
  if (deployment === undefined || (deployment.spec.paused ?? false) === paused) return;
  try {
    await stores.deployments.update({ ...deployment, spec: { ...deployment.spec, paused } }, options);
  } catch (error) {
    throw at("owner", `failed to ${paused ? "pause" : "unpause"} objectdeployment`, error);
  }
}

async function unpackAndReport(
  stores: Stores,
  runtime: PackageRuntime,
  pkg: PackageResource,
  options: CallOptions,
): Promise<{ written: PackageResource; outcome: Outcome }> {
  const { name = "", namespace } = pkg.metadata;
  const conditions = editConditions(pkg, runtime.clock.now());
  const unpacking: Unpacking = pkg.spec.paused ? {} : await unpack(stores, runtime, pkg, conditions, options);
  const { unpackedHash, pullFailed, ...outcome } = unpacking;
  const status = { ...pkg.status, ...(unpackedHash === undefined ? {} : { unpackedHash }) };
  if (!pullFailed) {
    const deployment = stores.deployments.get({ name, namespace });
    if (deployment === undefined) reportPause(conditions, pkg);
    else Object.assign(status, copyDeploymentStatus(conditions, deployment));
  }
  const written = await stores.packages.writeStatus(
    pkg,
    { ...status, conditions: conditions.list() },
    options,
  );
  return { written, outcome };
}
