/**
 * A JSON value with Kubernetes' number model: an integral `number`, or a `bigint` where a double would lose
 * digits, is an integer; every other number is a float64.
 */
export type JsonValue = null | boolean | number | bigint | string | JsonArray | JsonObject;

/** A JSON list. */
export type JsonArray = JsonValue[];

/** A JSON object; plain, mutable, own enumerable keys only. */
export interface JsonObject {
  [key: string]: JsonValue;
}

/** Tells a JSON object from every other value. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Sets a key as an own property; a plain assignment of the key `__proto__` would change the prototype instead. */
export function setKey(object: JsonObject, key: string, value: JsonValue): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}

/** Turns the decimal text of an integer into a number, or into a bigint where a double would change its digits. */
export function integerFromText(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number + 0 : BigInt(text);
}

/** Orders strings by their UTF-8 bytes, as Go compares strings; UTF-16 order differs above U+D7FF. */
export function compareUtf8(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a === b) continue;
    const aSurrogate = a >= 0xd800 && a <= 0xdfff;
    const bSurrogate = b >= 0xd800 && b <= 0xdfff;
    if (aSurrogate !== bSurrogate) return aSurrogate ? 1 : -1;
    return a - b;
  }
  return left.length - right.length;
}
