import { getObject, type JsonObject } from "../json.ts";

/** How many Pods above and below the wanted number a roll-out may have; never both none. */
export function rollingLimits(
  deployment: JsonObject,
  wanted: number,
): { surge: number; unavailable: number } {
  const rolling = getObject(deployment, "spec", "strategy", "rollingUpdate") ?? {};
  const surge = resolve(rolling["maxSurge"], wanted, Math.ceil);
  const unavailable = resolve(rolling["maxUnavailable"], wanted, Math.floor);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, wanted) };
}

function resolve(value: unknown, wanted: number, round: (value: number) => number): number {
  if (typeof value === "number") return value;
  const percent = typeof value === "string" ? /^(\d+)%$/.exec(value)?.[1] : undefined;
  return percent === undefined ? 0 : round((Number(percent) * wanted) / 100);
}
