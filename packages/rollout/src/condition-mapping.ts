import { type Condition, isValidReason } from "@package-operator/api";
import type { KubeObject } from "@package-operator/kube";
import { isJsonObject } from "@package-operator/schema";

/** Shows a condition of a managed object on its owner, under another type. */
export interface ConditionMapping {
  readonly sourceType: string;
  readonly destinationType: string;
}

/** A condition without the fields its carrier fills in. */
export type MappedCondition = Pick<Condition, "type" | "status" | "reason" | "message">;

const statuses: ReadonlySet<unknown> = new Set(["True", "False", "Unknown"]);

/** The current conditions of `live` under their destination types; conditions the API would refuse are left out. */
export function mapConditions(live: KubeObject, mappings: readonly ConditionMapping[]): MappedCondition[] {
  const conditions = isJsonObject(live["status"]) ? live["status"]["conditions"] : undefined;
  if (!Array.isArray(conditions) || mappings.length === 0) return [];
  const generation = live.metadata.generation ?? 0;
  return conditions.filter(isJsonObject).flatMap((condition) => {
    const { status, reason, message, observedGeneration: observed = 0 } = condition;
    if (observed !== 0 && observed !== generation) return [];
    if (!statuses.has(status) || typeof reason !== "string" || !isValidReason(reason)) return [];
    const text = typeof message === "string" ? message : "";
    return mappings
      .filter(({ sourceType }) => sourceType === condition["type"])
      .map(({ destinationType }) => ({
        type: destinationType,
        status: status as MappedCondition["status"],
        reason,
        message: text,
      }));
  });
}
