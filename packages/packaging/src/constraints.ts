import { parseConstraint, parseVersion, satisfies, SchemaError } from "@package-operator/schema";
import type { Environment, ManifestConstraint } from "./manifest.ts";

/** What the cluster offers to the constraints of a package. */
export interface ConstraintContext {
  readonly environment: Environment;
  /** Whether another package of the same manifest is installed in the same scope. */
  readonly hasSibling: boolean;
}

/** The constraints that are not met, in upstream's words; empty when the package may be installed. */
export function unmetConstraints(
  constraints: readonly ManifestConstraint[],
  context: ConstraintContext,
): string[] {
  return constraints.flatMap((constraint) => [
    ...platformProblems(constraint, context),
    ...versionProblems(constraint, context),
    ...(constraint.uniqueInScope !== undefined && context.hasSibling
      ? ["package has unique constraint set but another package in the same namespace uses the same manifest"]
      : []),
  ]);
}

/** Every cluster is Kubernetes, so a list that names it, or a platform unknown here, is always met. */
function platformProblems(
  { platform = [] }: ManifestConstraint,
  { environment }: ConstraintContext,
): string[] {
  const onlyOpenShift = platform.length > 0 && platform.every((name) => name === "OpenShift");
  return onlyOpenShift && environment.openShift === undefined ? ["OpenShift platform"] : [];
}

function versionProblems(
  { platformVersion }: ManifestConstraint,
  { environment }: ConstraintContext,
): string[] {
  if (platformVersion === undefined) return [];
  const { name, range } = platformVersion;
  const detected = platformVersionOf(name, environment);
  if (detected === undefined) return [];
  const problem = versionProblem(detected, range);
  return problem === undefined ? [] : [`${name} ${detected} ${problem}`];
}

/** What cannot be compared is not met; validation tells the author of the package about a bad range. */
function versionProblem(detected: string, range: string): string | undefined {
  try {
    const isMet = satisfies(parseConstraint(range), parseVersion(detected.replace(/^v/, "")));
    return isMet ? undefined : `does not meet constraint ${range}`;
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return `cannot be compared with constraint ${range}: ${error.message}`;
  }
}

function platformVersionOf(name: string, environment: Environment): string | undefined {
  if (name === "Kubernetes") return environment.kubernetes.version;
  return name === "OpenShift" ? environment.openShift?.version : undefined;
}
