import { isKubeError, type KubeError, type KubeObject } from "@package-operator/kube";
import { formatObject, formatQualifiedObject } from "./identity.ts";

/** Why an object cannot be part of the phase; nothing is retried before a person changed something. */
export interface Violation {
  readonly object: KubeObject;
  readonly message: string;
}

const refusals: ReadonlySet<string> = new Set([
  "Unauthorized",
  "Forbidden",
  "AlreadyExists",
  "Conflict",
  "Invalid",
  "BadRequest",
  "MethodNotAllowed",
  "RequestEntityTooLarge",
  "UnsupportedMediaType",
  "NotAcceptable",
  "NotFound",
]);

/** Whether the API server refused the object for what it is, as opposed to having trouble itself. */
export function isRefusal(error: unknown): error is KubeError {
  if (!isKubeError(error)) return false;
  if (error.reason === "") return error.message.includes("failed to create typed patch object");
  return refusals.has(error.reason);
}

/** The message of an object set: `Phase "<phase>", <Kind> <namespace>/<name>: <text>`, joined by commas. */
export function formatViolations(phase: string, violations: readonly Violation[]): string {
  return violations
    .map(({ object, message }) => `Phase "${phase}", ${formatObject(object)}: ${message}`)
    .join(", ");
}

/** The message of a phase object: `phase "<name>": <object>: <text>, <text>`, one part per object. */
export function formatPhaseViolations(phase: string, violations: readonly Violation[]): string {
  const byObject = new Map<KubeObject, string[]>();
  for (const { object, message } of violations) {
    byObject.set(object, [...(byObject.get(object) ?? []), message]);
  }
  const parts = [...byObject].map(
    ([object, messages]) => `${formatQualifiedObject(object)}: ${messages.join(", ")}`,
  );
  return `phase "${phase}": ${parts.join(", ")}`;
}
