import { CelEvaluationError } from "./cel-error.ts";
import type { CelOverload } from "./cel-overload.ts";
import type { CelType } from "./cel-type.ts";
import {
  CelDuration,
  CelMap,
  CelOpaque,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  isCelList,
  runtimeType,
  type CelValue,
} from "./cel-value.ts";

/** Whether a value may be passed for a parameter; of a list or map the first element tells. */
export function fits(type: CelType, value: CelValue): boolean {
  switch (type.kind) {
    case "bool":
      return typeof value === "boolean";
    case "int":
      return typeof value === "bigint";
    case "uint":
      return value instanceof CelUint;
    case "double":
      return typeof value === "number";
    case "string":
      return typeof value === "string";
    case "bytes":
      return value instanceof Uint8Array;
    case "null":
      return value === null;
    case "duration":
      return value instanceof CelDuration;
    case "timestamp":
      return value instanceof CelTimestamp;
    case "list":
      return isCelList(value) && (value.length === 0 || fits(type.element, value[0]!));
    case "map":
      return value instanceof CelMap && fitsFirst(type, value);
    case "type":
      return value instanceof CelTypeValue;
    case "optional":
      return value instanceof CelOptional;
    case "opaque":
      return value instanceof CelOpaque && value.type === type.name;
    default:
      return true;
  }
}

function fitsFirst(type: Extract<CelType, { kind: "map" }>, value: CelMap): boolean {
  const [first] = value.entries();
  return first === undefined || (fits(type.key, first[0]) && fits(type.value, first[1]));
}

/** Whether an overload can be called with these values. */
export function accepts({ args }: CelOverload, values: readonly CelValue[]): boolean {
  return args.length === values.length && args.every((type, index) => fits(type, values[index]!));
}

/**
 * Whether cel-go asks the first value what a function does, whatever the types of the expression promise: it does for
 * operators and two functions.
 */
export function isDispatchedByValue(name: string): boolean {
  return name.includes("_") || name === "size" || name === "matches";
}

/** Functions that look at their values themselves, and tell no name. */
const unguarded: ReadonlySet<string> = new Set(["contains", "startsWith", "endsWith", "@in", "!_"]);

/** The error for arguments that no overload takes; its form tells where cel-go notices. */
export function noSuchOverload(
  name: string,
  overloads: readonly CelOverload[],
  args: readonly CelValue[],
): CelEvaluationError {
  if (!isDispatchedByValue(name) && !unguarded.has(name)) {
    return new CelEvaluationError(`no such overload: ${name}(${args.map(runtimeType).join(", ")})`);
  }
  const [first] = args as readonly [CelValue];
  // Text and times are asked themselves, and an operator that the left operand knows fails inside of it.
  const asked = typeof first === "string" || first instanceof CelTimestamp || first instanceof CelDuration;
  const known =
    args.length === 2
      ? overloads.some(({ args: [left] }) => fits(left!, first))
      : name === "-_" && typeof first === "boolean";
  const isNameless = unguarded.has(name) || asked || known;
  return new CelEvaluationError(isNameless ? "no such overload" : `no such overload: ${name}`);
}
