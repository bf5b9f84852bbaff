import {
  type Condition,
  findCondition as findIn,
  isMappedCondition,
  mergeMappedConditions,
  removeCondition,
  setCondition,
} from "@package-operator/api";
import type { Conditioned } from "./resources.ts";
import { semanticEqual } from "./semantic-equal.ts";

/** A condition without what its carrier fills in. */
export type ConditionValue = Pick<Condition, "type" | "status" | "reason" | "message">;

/** The condition of a type. */
export function findCondition(object: Conditioned, type: string): Condition | undefined {
  return findIn(object.status?.conditions, type);
}

/** The condition of a type, if it speaks of the present generation. */
export function findCurrentCondition(object: Conditioned, type: string): Condition | undefined {
  const condition = findCondition(object, type);
  return condition && isCurrent(object, condition) ? condition : undefined;
}

/** Whether the condition has this status, at whatever generation. */
export function hasCondition(object: Conditioned, type: string, status: Condition["status"]): boolean {
  return findCondition(object, type)?.status === status;
}

/** The mapped conditions that speak of the present generation. */
export function currentMapped(object: Conditioned): ConditionValue[] {
  return (object.status?.conditions ?? []).filter(
    (condition) => isMappedCondition(condition) && isCurrent(object, condition),
  );
}

function isCurrent(object: Conditioned, condition: Condition): boolean {
  return condition.observedGeneration === (object.metadata.generation ?? 0);
}

/** The conditions of an object while they are worked out; the object itself is left alone. */
export interface ConditionEdit {
  /** Adds or overwrites; the transition time moves only when the status changes. */
  set(value: ConditionValue): void;
  /** Sets the value, or removes the condition when there is none. */
  put(type: string, value: ConditionValue | undefined): void;
  remove(type: string): void;
  /** Takes over mapped conditions; others of their sort go when `complete` says that all sources were looked at. */
  map(values: readonly ConditionValue[], options: { complete: boolean }): void;
  list(): Condition[];
}

/** Starts working out the conditions of `object`. `now` is the time, in milliseconds, that changes are stamped with. */
export function editConditions(object: Conditioned, now: number): ConditionEdit {
  const time = new Date(now);
  let conditions: Condition[] = [...(object.status?.conditions ?? [])];
  const observe = ({ type, status, reason, message }: ConditionValue) => ({
    type,
    status,
    reason,
    message,
    observedGeneration: object.metadata.generation ?? 0,
  });
  const edit: ConditionEdit = {
    set(value) {
      conditions = setCondition(conditions, observe(value), time);
    },
    put(type, value) {
      if (value === undefined) edit.remove(type);
      else edit.set(value);
    },
    remove(type) {
      conditions = removeCondition(conditions, type);
    },
    map(values, { complete }) {
      if (complete) conditions = mergeMappedConditions(conditions, values.map(observe), time);
      else for (const value of values) edit.set(value);
    },
    list: () => conditions,
  };
  return edit;
}

/** Whether two statuses say the same, given that empty members are not stored. */
export function isSameStatus(a: object | undefined, b: object | undefined): boolean {
  return semanticEqual(withoutEmpty(a ?? {}), withoutEmpty(b ?? {}));
}

/** A status without the members that Go leaves out: zeros, empty texts and empty lists. */
export function withoutEmpty<T extends object>(status: T): T {
  return Object.fromEntries(
    Object.entries(status).filter(
      ([, value]) =>
        value !== undefined && value !== 0 && value !== "" && !(Array.isArray(value) && value.length === 0),
    ),
  ) as T;
}
