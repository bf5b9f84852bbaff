/** A JSON value; an integral `number`, or a `bigint` beyond 2^53, is an integer, any other `number` a float64. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject;

/** A JSON object; insertion order carries no meaning. */
export interface JsonObject {
  [key: string]: JsonValue;
}

/** Tells a JSON object from lists and scalars. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
