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

/** Whether a value may be passed for a parameter; element types are not looked into. */
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
      return isCelList(value);
    case "map":
      return value instanceof CelMap;
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

const conversions: ReadonlySet<string> = new Set([
  "bool",
  "int",
  "uint",
  "double",
  "string",
  "bytes",
  "duration",
  "timestamp",
]);

/** The error for arguments that no overload takes; its form tells where cel-go notices. */
export function noSuchOverload(
  name: string,
  overloads: readonly CelOverload[],
  args: readonly CelValue[],
): CelEvaluationError {
  if (conversions.has(name)) {
    return new CelEvaluationError(`no such overload: ${name}(${args.map(runtimeType).join(", ")})`);
  }
  // An operator that the left operand knows fails inside of it, without a name.
  const known =
    name.includes("_") && args.length === 2 && overloads.some(({ args: [left] }) => fits(left!, args[0]!));
  return new CelEvaluationError(known ? "no such overload" : `no such overload: ${name}`);
}
