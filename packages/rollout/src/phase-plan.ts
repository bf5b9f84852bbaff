import type { ApiResource, KubeObject } from "@package-operator/kube";
import { fieldManagers } from "@package-operator/api";
import { type Adoption, decideAdoption } from "./adoption.ts";
import type { Cluster, RolloutOptions } from "./cluster.ts";
import type { ConditionMapping } from "./condition-mapping.ts";
import { desiredObject } from "./desired-object.ts";
import { isApplied } from "./managed-fields.ts";
import { checkManifest, dryRun, resolveKind } from "./preflight.ts";
import type { Revision } from "./revision-context.ts";
import type { Violation } from "./violation.ts";

/** An object of a phase as the API carries it. */
export interface PhaseObject {
  readonly object: KubeObject;
  readonly collisionProtection?: string;
  readonly conditionMappings?: readonly ConditionMapping[];
}

/** Objects that are rolled out together. */
export interface Phase {
  readonly name: string;
  readonly objects: readonly PhaseObject[];
}

/** An object with what is known of it before anything is written. */
export interface PlannedObject {
  readonly source: PhaseObject;
  readonly desired: KubeObject;
  /** As the cache has it. */
  readonly live: KubeObject | undefined;
  /** What to do with `live`; undefined when there is none. */
  readonly adoption: Adoption | undefined;
}

/** Either what to do, or why the phase cannot be started. */
export interface PhasePlan {
  readonly objects: readonly PlannedObject[];
  readonly violations: readonly Violation[];
}

/** What is wrong with the manifests of a phase, judged by the kinds the server serves. */
export async function checkPhase(
  cluster: Cluster,
  phase: Phase,
  revision: Revision,
  options: RolloutOptions = {},
): Promise<{ resources: (ApiResource | undefined)[]; violations: Violation[] }> {
  const resources = await Promise.all(
    phase.objects.map(({ object }) => resolveKind(cluster, object, options)),
  );
  const violations = phase.objects.flatMap(({ object }, index) =>
    checkManifest(object, resources[index], revision).map((message) => ({ object, message })),
  );
  return { resources, violations };
}

/** Reads what is there and decides about every object, before any is touched. */
export async function planPhase(
  cluster: Cluster,
  phase: Phase,
  revision: Revision,
  options: RolloutOptions = {},
): Promise<PhasePlan> {
  const { resources, violations } = await checkPhase(cluster, phase, revision, options);
  if (violations.length > 0) return { objects: [], violations };
  const objects = await Promise.all(
    phase.objects.map(async (source, index): Promise<PlannedObject> => {
      const resource = resources[index] ?? { namespaced: false };
      const desired = desiredObject(source.object, revision, resource);
      const { name = "", namespace } = desired.metadata;
      const ref = { apiVersion: desired.apiVersion, kind: desired.kind, name, namespace };
      const live = await cluster.cache.get(ref, options);
      const adoption =
        live && (await decideAdoption(live, source.collisionProtection ?? "Prevent", revision));
      return { source, desired, live, adoption };
    }),
  );
  return { objects, violations: revision.paused ? [] : await rehearse(cluster, objects, revision, options) };
}

/**
 * A phase must not change half of a running system, so writes to objects that exist are rehearsed first. Where
 * everything that is to be written is new, or is a single object, the write itself is the test: nothing that runs can
 * be harmed, and the requests are saved.
 */
async function rehearse(
  cluster: Cluster,
  objects: readonly PlannedObject[],
  revision: Revision,
  options: RolloutOptions,
): Promise<Violation[]> {
  const pending = objects.filter((object) => isPending(object, revision));
  if (pending.length < 2 || pending.every(({ live }) => live === undefined)) return [];
  const results = await Promise.all(
    pending.map(({ source, desired }) =>
      dryRun(cluster, { manifest: source.object, desired }, fieldManagers.apply, options),
    ),
  );
  return results.filter((violation) => violation !== undefined);
}

function isPending({ desired, live, adoption }: PlannedObject, revision: Revision): boolean {
  if (live === undefined || adoption === undefined) return true;
  if (adoption.verdict !== "own") return adoption.verdict === "adopt";
  return !isApplied(
    revision.ownership.withController(desired, revision.owner, live),
    live,
    fieldManagers.apply,
  );
}
