import type { Condition } from "./types.generated.ts";

/** A condition before it is known when its status last changed. */
export type NewCondition = Omit<Condition, "lastTransitionTime">;

/** The longest message that the CRDs accept, in characters. */
export const maxMessageLength = 32_768;

/** The condition of this type. */
export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether the condition of this type is there and `True`. */
export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === "True";
}

/**
 * The list with this condition in it: in the place of the one with its type, else at the end. The transition time stays
 * while the status does, and a message that is too long for the API server is cut.
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  condition: NewCondition,
  now: Date,
): Condition[] {
  const present = findCondition(conditions, condition.type);
  const next: Condition = {
    ...condition,
    message: truncated(condition.message),
    lastTransitionTime: present?.status === condition.status ? present.lastTransitionTime : timestamp(now),
  };
  if (present === undefined) return [...(conditions ?? []), next];
  return (conditions ?? []).map((other) => (other.type === next.type ? next : other));
}

/** The list without the condition of this type. */
export function removeCondition(conditions: readonly Condition[] | undefined, type: string): Condition[] {
  return (conditions ?? []).filter((condition) => condition.type !== type);
}

/** Whether a condition comes from a managed object: its type then has a prefix and a slash. */
export function isMappedCondition(condition: Pick<Condition, "type">): boolean {
  return condition.type.includes("/");
}

/**
 * The list with exactly these mapped conditions: others of that kind go, those that stay keep their place and, while
 * their status does not change, their transition time. Call it only when all sources were read, since a source that was
 * not read would otherwise look gone.
 */
export function mergeMappedConditions(
  conditions: readonly Condition[] | undefined,
  mapped: readonly NewCondition[],
  now: Date,
): Condition[] {
  const wanted = new Set(mapped.map(({ type }) => type));
  const kept = (conditions ?? []).filter(
    (condition) => !isMappedCondition(condition) || wanted.has(condition.type),
  );
  return mapped.reduce<Condition[]>((list, condition) => setCondition(list, condition, now), kept);
}

/** The mapped conditions that a child hands up: those computed for its present generation, as the parent's own. */
export function inheritedConditions(
  child: { readonly generation: number; readonly conditions?: readonly Condition[] | undefined },
  parentGeneration: number,
): NewCondition[] {
  return (child.conditions ?? [])
    .filter((condition) => isMappedCondition(condition) && condition.observedGeneration === child.generation)
    .map(({ type, status, reason, message }) => ({
      type,
      status,
      reason,
      message,
      observedGeneration: parentGeneration,
    }));
}

/** Whether the CRDs accept this reason; one bad reason, perhaps copied from elsewhere, has a whole status refused. */
export function isValidReason(reason: string): boolean {
  return reason.length <= 1024 && /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/.test(reason);
}

/** The API server counts characters, not UTF-16 units. */
function truncated(message: string): string {
  if (message.length <= maxMessageLength) return message;
  return Array.from(message).slice(0, maxMessageLength).join("");
}

/** RFC 3339 in whole seconds, as Kubernetes writes times. */
function timestamp(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}
