import { conditionTypes, type PackageStatus } from "@package-operator/api";
import { type ConditionEdit, currentMapped, findCurrentCondition } from "../conditions.ts";
import type { ObjectDeployment, PackageResource } from "../resources.ts";

/**
 * Shows the state of a package's deployment on the package. What the deployment has not judged at its present
 * generation stays as it was; its older observedGeneration tells clients so.
 */
export function copyDeploymentStatus(
  conditions: ConditionEdit,
  deployment: ObjectDeployment,
): Pick<PackageStatus, "revision"> {
  for (const type of [conditionTypes.available, conditionTypes.progressing]) {
    const condition = findCurrentCondition(deployment, type);
    if (condition) conditions.set(condition);
  }
  const paused = findCurrentCondition(deployment, conditionTypes.paused);
  conditions.put(conditionTypes.paused, paused?.status === "True" ? paused : undefined);
  const complete = findCurrentCondition(deployment, conditionTypes.progressing) !== undefined;
  conditions.map(currentMapped(deployment), { complete });
  const revision = deployment.status?.revision;
  return revision === undefined ? {} : { revision };
}

/** The pause of a package that was never deployed, which nobody else can report. */
export function reportPause(conditions: ConditionEdit, pkg: PackageResource): void {
  const type = conditionTypes.paused;
  const message = "Package is paused and was not deployed yet.";
  conditions.put(type, pkg.spec.paused ? { type, status: "True", reason: "Paused", message } : undefined);
}
