import type { JsonObject, Prober, ProbeResult } from "@package-operator/schema";
import type { Cluster, RolloutOptions } from "./cluster.ts";
import { mapConditions } from "./condition-mapping.ts";
import { writeObject, type WrittenObject } from "./object.ts";
import { isController } from "./owner.ts";
import { type Phase, type PlannedObject, planPhase } from "./phase-plan.ts";
import type { ObjectResult, PhaseResult } from "./result.ts";
import type { Revision } from "./revision-context.ts";
import { isRefusal, type Violation } from "./violation.ts";

/** Options of a pass over a phase. */
export interface ReconcileOptions extends RolloutOptions {
  readonly prober: Prober;
}

/**
 * Brings the objects of a phase to their desired state and judges them. Expected outcomes are in the result; errors of
 * the API server that say nothing about the objects are thrown, and the pass is to be repeated.
 */
export async function reconcilePhase(
  cluster: Cluster,
  phase: Phase,
  revision: Revision,
  options: ReconcileOptions,
): Promise<PhaseResult> {
  const { paused } = revision;
  const plan = await planPhase(cluster, phase, revision, options);
  if (plan.violations.length > 0) {
    return { name: phase.name, paused, objects: [], violations: plan.violations };
  }
  const objects: ObjectResult[] = [];
  const violations: Violation[] = [];
  for (const planned of plan.objects) {
    try {
      const written = paused ? readObject(planned) : await writeObject(cluster, planned, revision, options);
      objects.push(judge(planned, written, revision, options.prober));
      if (written.action === "Collision") break;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      violations.push({ object: planned.source.object, message: error.message });
    }
  }
  return { name: phase.name, paused, objects, violations };
}

/** What a paused phase does instead of writing. */
function readObject({ live, adoption }: PlannedObject): WrittenObject {
  if (live === undefined) return { action: "Missing", live };
  return { action: adoption?.verdict === "leave" ? "Progressed" : "Idle", live };
}

/** A stranger's object is not probed: what it says is no statement about ours. */
const unprobed: ProbeResult = { status: "True", messages: [] };
const missingObject: ProbeResult = { status: "Unknown", messages: ["not found"] };

function judge(
  planned: PlannedObject,
  { action, live, collision }: WrittenObject,
  revision: Revision,
  prober: Prober,
): ObjectResult {
  const { object: manifest, conditionMappings = [] } = planned.source;
  if (live === undefined) {
    return { action, manifest, live, controlled: false, probe: missingObject, mapped: [] };
  }
  return {
    action,
    manifest,
    live,
    controlled: isController(revision.ownership, live, revision.owner),
    probe: action === "Collision" ? unprobed : prober.evaluate(live as unknown as JsonObject),
    mapped: mapConditions(live, conditionMappings),
    ...(collision === undefined ? {} : { collision }),
  };
}
