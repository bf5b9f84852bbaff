import { goFloat } from "../go-float.ts";
import { CelEvaluationError } from "./cel-error.ts";
import { checkInt, checkUint } from "./library-operators.ts";
import { fn, type CelImplementation, type CelOverload } from "./cel-overload.ts";
import { formatDuration, formatTimestamp, floorDivide, parseDuration, parseTimestamp } from "./time-text.ts";
import { makeTimestamp } from "./time-arithmetic.ts";
import * as t from "./cel-type.ts";
import type { CelType } from "./cel-type.ts";
import { CelDuration, CelTimestamp, CelTypeValue, CelUint, runtimeType, type CelValue } from "./cel-value.ts";

const a = t.param("A");
const second = 1_000_000_000n;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function overloads(
  name: string,
  sources: readonly CelType[],
  result: CelType,
  call: CelImplementation,
): CelOverload[] {
  return sources.map((source) => fn(name, [source], result, call));
}

function conversionError(target: string): CelEvaluationError {
  return new CelEvaluationError(`type conversion error from 'string' to '${target}'`);
}

function toInt([x]: readonly CelValue[]): bigint {
  if (typeof x === "string") {
    if (!/^[+-]?[0-9]+$/.test(x)) throw conversionError("int");
    const value = BigInt(x.replace(/^\+/, ""));
    if (value !== BigInt.asIntN(64, value)) throw conversionError("int");
    return value;
  }
  if (typeof x === "number") {
    if (!(x > -(2 ** 63) && x < 2 ** 63)) throw new CelEvaluationError("integer overflow");
    return BigInt(Math.trunc(x));
  }
  if (x instanceof CelUint) return checkInt(x.value);
  if (x instanceof CelTimestamp) return floorDivide(x.nanos, second);
  if (x instanceof CelDuration) return x.nanos;
  return x as bigint;
}

function toUint([x]: readonly CelValue[]): CelUint {
  if (typeof x === "string") {
    if (!/^\+?[0-9]+$/.test(x)) throw conversionError("uint");
    const value = BigInt(x.replace(/^\+/, ""));
    if (value !== BigInt.asUintN(64, value)) throw conversionError("uint");
    return new CelUint(value);
  }
  if (typeof x === "number") {
    if (!(x >= 0 && x < 2 ** 64)) throw new CelEvaluationError("unsigned integer overflow");
    return new CelUint(BigInt(Math.trunc(x)));
  }
  return x instanceof CelUint ? x : checkUint(x as bigint);
}

function toDouble([x]: readonly CelValue[]): number {
  if (typeof x === "string") {
    const special = /^([+-]?)(?:inf|infinity)$/i.exec(x);
    if (special !== null) return special[1] === "-" ? -Infinity : Infinity;
    if (/^[+-]?nan$/i.test(x)) return Number.NaN;
    if (!/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(x)) throw conversionError("double");
    return Number(x);
  }
  return x instanceof CelUint ? Number(x.value) : Number(x);
}

const trueTexts: ReadonlySet<string> = new Set(["1", "t", "T", "true", "TRUE", "True"]);
const falseTexts: ReadonlySet<string> = new Set(["0", "f", "F", "false", "FALSE", "False"]);

function toBool([x]: readonly CelValue[]): boolean {
  if (typeof x === "boolean") return x;
  if (trueTexts.has(x as string)) return true;
  if (falseTexts.has(x as string)) return false;
  throw conversionError("bool");
}

function toText([x]: readonly CelValue[]): string {
  if (typeof x === "number") return goFloat(x);
  if (x instanceof CelUint) return String(x.value);
  if (x instanceof CelDuration) return formatDuration(x);
  if (x instanceof CelTimestamp) return formatTimestamp(x);
  if (x instanceof Uint8Array) {
    try {
      return decoder.decode(x);
    } catch (error) {
      throw new CelEvaluationError("invalid UTF-8 in bytes, cannot convert to string", { cause: error });
    }
  }
  if (typeof x === "string") return x;
  return `${x as bigint | boolean}`;
}

function toDuration([x]: readonly CelValue[]): CelDuration {
  if (x instanceof CelDuration) return x;
  const parsed = parseDuration(x as string);
  if (parsed === undefined) throw conversionError("google.protobuf.Duration");
  return parsed;
}

function toTimestamp([x]: readonly CelValue[]): CelTimestamp {
  if (typeof x === "bigint") return makeTimestamp(x * second);
  return x instanceof CelTimestamp ? x : parseTimestamp(x as string);
}

/** Conversions between types, `dyn` and `type`. */
export const conversions: readonly CelOverload[] = [
  ...overloads("int", [t.int, t.double, t.duration, t.string, t.timestamp, t.uint], t.int, toInt),
  ...overloads("uint", [t.uint, t.double, t.int, t.string], t.uint, toUint),
  ...overloads("double", [t.double, t.int, t.string, t.uint], t.double, toDouble),
  ...overloads("bool", [t.bool, t.string], t.bool, toBool),
  ...overloads(
    "string",
    [t.string, t.bool, t.bytes, t.double, t.duration, t.int, t.timestamp, t.uint],
    t.string,
    toText,
  ),
  ...overloads("bytes", [t.bytes, t.string], t.bytes, ([x]) =>
    typeof x === "string" ? new Uint8Array(Buffer.from(x)) : x!,
  ),
  ...overloads("duration", [t.duration, t.string], t.duration, toDuration),
  ...overloads("timestamp", [t.timestamp, t.int, t.string], t.timestamp, toTimestamp),
  fn("dyn", [a], t.dyn, ([x]) => x!),
  fn("type", [a], t.typeOf(a), ([x]) => new CelTypeValue(runtimeType(x!))),
];
