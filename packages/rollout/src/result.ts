import type { KubeObject } from "@package-operator/kube";
import type { MappedCondition } from "./condition-mapping.ts";
import type { ProbeResult } from "@package-operator/schema";
import { formatProbe } from "./probe-result.ts";
import type { Violation } from "./violation.ts";

/**
 * What was done to an object: `Idle` it was right already; `Progressed` a newer revision has it; `Missing` it is not
 * there and was not made, because of a pause or because its namespace went away; `Collision` it belongs to others.
 */
export type ObjectAction = "Created" | "Updated" | "Idle" | "Progressed" | "Missing" | "Collision";

/** One object after a pass. */
export interface ObjectResult {
  readonly action: ObjectAction;
  /** The manifest as written. */
  readonly manifest: KubeObject;
  /** The object as it is now; undefined when it is missing. */
  readonly live: KubeObject | undefined;
  /** The owner of the phase controls it. */
  readonly controlled: boolean;
  readonly probe: ProbeResult;
  readonly mapped: readonly MappedCondition[];
  /** Why a collision is one. */
  readonly collision?: string;
}

/** One phase after a pass. */
export interface PhaseResult {
  readonly name: string;
  readonly paused: boolean;
  /** In manifest order; shorter than the phase when a violation or collision ended the pass. */
  readonly objects: readonly ObjectResult[];
  /** What the objects are refused for; nothing else is judged then. */
  readonly violations: readonly Violation[];
}

/** The collision that ended the pass, as a message: `object <namespace>/<name> kind:<Kind>: <reason>`. */
export function collisionMessage(phase: PhaseResult): string | undefined {
  const collided = phase.objects.find((object) => object.action === "Collision");
  if (collided === undefined) return undefined;
  const { metadata, kind } = collided.manifest;
  return `object ${metadata.namespace ?? ""}/${metadata.name ?? ""} kind:${kind}: ${collided.collision ?? ""}`;
}

/** One text per object that is missing or does not pass its probes. */
export function probeFailures(phase: PhaseResult): string[] {
  return phase.objects
    .filter(({ action, probe }) => action === "Missing" || probe.status !== "True")
    .map(({ action, live, probe }) =>
      action === "Missing" || live === undefined ? "not found" : formatProbe(live, probe),
    );
}

/** Every object is there, ours or a newer revision's, and passes its probes. */
export function isComplete(phase: PhaseResult): boolean {
  return (
    phase.violations.length === 0 &&
    collisionMessage(phase) === undefined &&
    probeFailures(phase).length === 0
  );
}

/** Some but not all objects went to a newer revision, or one belongs to others. */
export function isInTransition(phase: PhaseResult): boolean {
  const progressed = phase.objects.filter(({ action }) => action === "Progressed").length;
  return (
    (progressed > 0 && progressed < phase.objects.length) ||
    phase.objects.some(({ action }) => action === "Collision")
  );
}
