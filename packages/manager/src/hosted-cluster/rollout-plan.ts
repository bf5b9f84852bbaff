import { conditionTypes, type HostedClusterPackageSpec } from "@package-operator/api";
import { findCurrentCondition } from "../conditions.ts";
import type { PackageResource } from "../resources.ts";
import { semanticEqual } from "../semantic-equal.ts";
import type { HostedCluster } from "./hosted-clusters.ts";

/** The package of one hosted cluster, and how it is doing. */
export interface Target {
  readonly hostedCluster: HostedCluster;
  /** Undefined while it does not exist. */
  readonly pkg: PackageResource | undefined;
}

/** Facts about a package; conditions of an older generation count as not there. */
export interface TargetState {
  readonly available: boolean;
  readonly progressed: boolean;
  readonly paused: boolean;
  readonly updated: boolean;
}

/** Looks at one package. */
export function stateOf(pkg: PackageResource | undefined, spec: HostedClusterPackageSpec): TargetState {
  if (pkg === undefined) return { available: false, progressed: false, paused: false, updated: false };
  const holds = (type: string, status: string) => findCurrentCondition(pkg, type)?.status === status;
  return {
    available: holds(conditionTypes.available, "True"),
    progressed: holds(conditionTypes.progressing, "False") && holds(conditionTypes.unpacked, "True"),
    paused: holds(conditionTypes.paused, "True"),
    updated: semanticEqual(pkg.spec, spec.template.spec),
  };
}

/** How many more packages may be touched; `Infinity` without a limit. */
export function updateBudget(spec: HostedClusterPackageSpec, targets: readonly Target[]): number {
  const { instant, rollingUpgrade } = spec.strategy;
  if (instant !== undefined || rollingUpgrade === undefined) return Infinity;
  const unavailable = targets.filter(({ pkg }) => !stateOf(pkg, spec).available).length;
  return Math.max(0, rollingUpgrade.maxUnavailable - unavailable);
}

/**
 * Which existing packages to update now: those under way first, then partition by partition. Broken outdated packages of
 * the first partition with work go beyond the budget, as an update can only help them; a partition that is not done
 * keeps the next from starting.
 */
export function chooseUpdates(
  spec: HostedClusterPackageSpec,
  partitions: readonly (readonly Target[])[],
  processing: readonly PackageResource[],
): PackageResource[] {
  const targets = partitions.flat();
  const budget = updateBudget(spec, targets);
  const chosen = [...processing];
  for (const [index, group] of partitions.entries()) {
    const outdated = group.flatMap(({ pkg }) => {
      if (pkg === undefined || chosen.includes(pkg)) return [];
      const state = stateOf(pkg, spec);
      return state.updated ? [] : [{ pkg, state }];
    });
    const broken = outdated.filter(({ state }) => !state.available);
    const healthy = outdated.filter(({ state }) => state.available);
    for (const { pkg } of broken) if (index === 0 || chosen.length < budget) chosen.push(pkg);
    for (const { pkg } of healthy) if (chosen.length < budget) chosen.push(pkg);
    const isDone = group.every(({ pkg }) => {
      const { available, updated } = stateOf(pkg, spec);
      return available && updated;
    });
    if (chosen.length >= budget || (!isDone && budget !== Infinity)) break;
  }
  return chosen;
}
