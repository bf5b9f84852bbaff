import type { MappedCondition } from "./condition-mapping.ts";
import { identityOf, type ObjectIdentity } from "./identity.ts";
import { collisionMessage, type PhaseResult, probeFailures } from "./result.ts";
import { formatViolations } from "./violation.ts";

/** What a phase reports to its revision, however it is rolled out. */
export interface PhaseOutcome {
  readonly name: string;
  /** Objects the revision controls through this phase. */
  readonly controlled: readonly ObjectIdentity[];
  /** Why the phase is not complete. */
  readonly failures: readonly string[];
  readonly mapped: readonly MappedCondition[];
  /** What a person has to change first; nothing after this phase was looked at. */
  readonly blocked?: { readonly reason: "PreflightError" | "CollisionDetected"; readonly message: string };
}

/** A revision after a pass. */
export interface RevisionResult {
  readonly controlled: readonly ObjectIdentity[];
  readonly mapped: readonly MappedCondition[];
  /** All phases were looked at, so that what is not in `mapped` is really gone. */
  readonly finished: boolean;
  /** The phase where the roll-out stands. */
  readonly failure?: { readonly phase: string; readonly failures: readonly string[] };
  readonly blocked?: PhaseOutcome["blocked"];
}

/** Reduces a phase rolled out here to what its revision needs. */
export function outcomeOf(phase: PhaseResult): PhaseOutcome {
  const collision = collisionMessage(phase);
  const outcome = {
    name: phase.name,
    controlled: phase.objects
      .filter(({ controlled }) => controlled)
      .map(({ live, manifest }) => identityOf(live ?? manifest)),
    failures: probeFailures(phase),
    mapped: phase.objects.flatMap(({ mapped }) => mapped),
  };
  if (phase.violations.length > 0) {
    const message = formatViolations(phase.name, phase.violations);
    return { ...outcome, blocked: { reason: "PreflightError", message } };
  }
  if (collision === undefined) return outcome;
  return { ...outcome, blocked: { reason: "CollisionDetected", message: collision } };
}

/** Rolls out phase after phase; the first that is not complete ends the pass. */
export async function reconcileRevision<P>(
  phases: readonly P[],
  reconcile: (phase: P) => Promise<PhaseOutcome>,
): Promise<RevisionResult> {
  const outcomes: PhaseOutcome[] = [];
  for (const phase of phases) {
    const outcome = await reconcile(phase);
    outcomes.push(outcome);
    if (outcome.failures.length > 0 || outcome.blocked) break;
  }
  const last = outcomes.at(-1);
  return {
    controlled: outcomes.flatMap(({ controlled }) => controlled),
    mapped: outcomes.flatMap(({ mapped }) => mapped),
    finished: outcomes.length === phases.length && last?.blocked === undefined,
    ...(last && last.failures.length > 0 ? { failure: { phase: last.name, failures: last.failures } } : {}),
    ...(last?.blocked ? { blocked: last.blocked } : {}),
  };
}

/** Tears phases down from the last to the first; the first that is not gone ends the pass. */
export async function teardownRevision<P>(
  phases: readonly P[],
  teardown: (phase: P) => Promise<boolean>,
): Promise<boolean> {
  for (const phase of phases.toReversed()) {
    if (!(await teardown(phase))) return false;
  }
  return true;
}
