import { getObjects, getString, type JsonObject } from "../json.ts";
import { formatTime } from "../verbs/api-context.ts";

/** A condition to set. */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

/** The conditions with one set; its transition time moves only with its status. Extra times are kept fresh. */
export function withCondition(
  conditions: readonly JsonObject[],
  condition: Condition,
  now: Date,
  stamp: "none" | "lastUpdateTime" | "lastProbeTime" = "none",
): JsonObject[] {
  const old = conditions.find((item) => item["type"] === condition.type);
  const same = old !== undefined && getString(old, "status") === condition.status;
  const unchanged =
    same && getString(old, "reason") === condition.reason && getString(old, "message") === condition.message;
  if (unchanged) return [...conditions];
  const time = formatTime(now);
  const set: JsonObject = {
    type: condition.type,
    status: condition.status,
    ...(stamp === "none" ? {} : { [stamp]: time }),
    lastTransitionTime: same ? (old["lastTransitionTime"] ?? time) : time,
    ...(condition.reason === "" ? {} : { reason: condition.reason }),
    ...(condition.message === "" ? {} : { message: condition.message }),
  };
  return old === undefined ? [...conditions, set] : conditions.map((item) => (item === old ? set : item));
}

/** Whether an object's condition is `True`. */
export function hasCondition(object: JsonObject, type: string): boolean {
  return getObjects(object, "status", "conditions").some(
    (condition) => condition["type"] === type && condition["status"] === "True",
  );
}
