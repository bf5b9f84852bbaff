import { isComplete, isInTransition, type ObjectResult, type PhaseResult } from "./result.ts";

/** A readable account of a pass, the message of a phase that is not available. */
export function formatPhaseReport(phase: PhaseResult): string {
  const lines = [
    `Phase "${phase.name}"`,
    `Complete: ${isComplete(phase)}`,
    `In Transition: ${isInTransition(phase)}`,
    ...(phase.objects.length > 0 ? ["Objects:"] : []),
    ...phase.objects.flatMap((object) => formatObjectResult(object, phase.paused)),
  ];
  return lines.join("\n");
}

function formatObjectResult(object: ObjectResult, paused: boolean): string[] {
  const { manifest, action, probe, collision } = object;
  const { metadata, kind, apiVersion } = manifest;

  const name = `${metadata.namespace ?? ""}/${metadata.name ?? ""}`;
  const status = { True: "Succeeded", False: "Failed", Unknown: "Unknown" }[probe.status];
  return [
    `- Object ${kind}.${apiVersion} ${name}`,
    `  Action${paused ? " (PAUSED)" : ""}: "${action}"`,
    "  Probes:",
    `  - Progress: ${status}`,
    ...probe.messages.map((message) => `    - ${message}`),
    ...(collision === undefined ? [] : [`  Conflicting Owner: ${collision}`]),
  ];
}
