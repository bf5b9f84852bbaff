import { compareBytes } from "../json-text.ts";
import { equalLists } from "./cel-keyed-list.ts";
import {
  CelDuration,
  CelMap,
  CelOpaque,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  isCelList,
  type CelValue,
} from "./cel-value.ts";

/** CEL equality: numbers compare across types, values of different kinds are unequal, never an error. */
export function celEquals(a: CelValue, b: CelValue): boolean {
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b) === 0;
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (isCelList(a)) return isCelList(b) && equalLists(a, b, celEquals);
  if (a instanceof CelMap) return b instanceof CelMap && equalMaps(a, b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof CelDuration) return b instanceof CelDuration && a.nanos === b.nanos;
  if (a instanceof CelTimestamp) return b instanceof CelTimestamp && a.nanos === b.nanos;
  if (a instanceof CelTypeValue) return b instanceof CelTypeValue && a.type === b.type;
  if (a instanceof CelOpaque) return b instanceof CelOpaque && a.type === b.type && a.text === b.text;
  if (a instanceof CelOptional && b instanceof CelOptional) {
    if (a.value === undefined || b.value === undefined) return a.value === b.value;
    return celEquals(a.value, b.value);
  }
  return false;
}

/** Order of two values: a number as from `sort`, NaN for unordered doubles, undefined when not comparable. */
export function celCompare(a: CelValue, b: CelValue): number | undefined {
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b);
  if (typeof a === "string" && typeof b === "string") return compareBytes(a, b);
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  if (a instanceof CelDuration && b instanceof CelDuration) return order(a.nanos, b.nanos);
  if (a instanceof CelTimestamp && b instanceof CelTimestamp) return order(a.nanos, b.nanos);
  return undefined;
}

/** Whether a value is of one of the three number types. */
function isNumeric(value: CelValue): value is bigint | number | CelUint {
  return typeof value === "bigint" || typeof value === "number" || value instanceof CelUint;
}

/** Integers compare exactly; against a double they are rounded to one first, as cel-go does. */
function compareNumbers(a: bigint | number | CelUint, b: bigint | number | CelUint): number {
  const left = a instanceof CelUint ? a.value : a;
  const right = b instanceof CelUint ? b.value : b;
  if (typeof left === "bigint" && typeof right === "bigint") return order(left, right);
  const difference = [Number(left), Number(right)] as const;
  return difference[0] === difference[1]
    ? 0
    : difference[0] < difference[1]
      ? -1
      : difference[0] > difference[1]
        ? 1
        : Number.NaN;
}

function order(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function equalMaps(a: CelMap, b: CelMap): boolean {
  if (a.size !== b.size) return false;
  return a.entries().every(([key, value]) => {
    const other = b.get(key);
    return other !== undefined && celEquals(value, other);
  });
}
