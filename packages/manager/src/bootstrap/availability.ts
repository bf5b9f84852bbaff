import { conditionTypes, installation } from "@package-operator/api";
import type { CallOptions, KubeClient } from "@package-operator/kube";
import { findCondition, findCurrentCondition } from "../conditions.ts";
import type { PackageResource } from "../resources.ts";
import { findOwnPackage } from "./cluster-package.ts";
import type { DeploymentObject, PodObject } from "./foreign-objects.ts";

/** Whether the operator runs as its ClusterPackage says; if not, what stands in the way. */
export interface Availability {
  readonly available: boolean;
  /** Why not, as far as it can be told. */
  readonly reason: string;
  /** The reason is a failure and no mere waiting. */
  readonly failing: boolean;
}

const waiting = (reason: string): Availability => ({ available: false, reason, failing: false });
const failing = (reason: string): Availability => ({ available: false, reason, failing: true });

/** Looks at the manager's Deployment and the ClusterPackage. */
export async function checkAvailability(
  client: KubeClient,
  namespace: string,
  options: CallOptions,
): Promise<Availability> {
  const pkg = (await findOwnPackage(client, options)) as unknown as PackageResource | undefined;
  if (pkg === undefined) return waiting("ClusterPackage package-operator does not exist");
  const problem = packageProblem(pkg);
  if (problem !== undefined) return failing(problem);
  const name = installation.managerDeployment;
  const deployment = await client.find<DeploymentObject>(
    { apiVersion: "apps/v1", kind: "Deployment", namespace, name },
    options,
  );
  if (deployment === undefined) return waiting(`Deployment ${namespace}/${name} does not exist`);
  const { availableReplicas, updatedReplicas } = deployment.status ?? {};
  // The Deployment's own condition is no help: it is true for a Deployment scaled to zero.
  if (!availableReplicas || availableReplicas !== updatedReplicas) {
    const pull = await findPullProblem(client, deployment, options);
    return pull === undefined
      ? waiting(`Deployment ${namespace}/${name} has no available, up-to-date pods`)
      : failing(pull);
  }
  if (findCurrentCondition(pkg, conditionTypes.available)?.status === "True") {
    return { available: true, reason: "", failing: false };
  }
  const { message = "not reported" } = findCondition(pkg, conditionTypes.available) ?? {};
  return waiting(`ClusterPackage package-operator is not available: ${message}`);
}

function packageProblem(pkg: PackageResource): string | undefined {
  const unpacked = findCondition(pkg, conditionTypes.unpacked);
  if (unpacked?.status === "False") return unpacked.message;
  const invalid = findCondition(pkg, conditionTypes.invalid);
  return invalid?.status === "True"
    ? `package image ${pkg.spec.image} is invalid: ${invalid.message}`
    : undefined;
}

const pullProblems: ReadonlySet<string> = new Set(["ErrImagePull", "ImagePullBackOff", "InvalidImageName"]);

/** The first container of the Deployment's pods whose image cannot be pulled, in words that name the image. */
async function findPullProblem(
  client: KubeClient,
  { metadata, spec }: DeploymentObject,
  options: CallOptions,
): Promise<string | undefined> {
  const labelSelector = Object.entries(spec?.selector?.matchLabels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const { namespace } = metadata;
  const kind = { apiVersion: "v1", kind: "Pod" };
  const { items } = await client.list<PodObject>(kind, { ...options, namespace, labelSelector });
  for (const pod of items) {
    for (const { image, state } of pod.status?.containerStatuses ?? []) {
      const { reason = "", message = reason } = state?.waiting ?? {};
      if (pullProblems.has(reason)) {
        return `pod ${pod.metadata.name ?? ""} cannot pull image ${image}: ${message}`;
      }
    }
  }
  return undefined;
}
