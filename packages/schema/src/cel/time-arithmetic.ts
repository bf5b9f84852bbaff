import { CelEvaluationError } from "./cel-error.ts";
import type { CelImplementation } from "./cel-overload.ts";
import { CelDuration, CelTimestamp, type CelValue } from "./cel-value.ts";

const second = 1_000_000_000n;
/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999999Z in nanoseconds. */
const minTime = -62_135_596_800n * second;
const maxTime = 253_402_300_799n * second + (second - 1n);

/** Adds or subtracts durations and timestamps; two timestamps give a duration. */
export function addTime(sign: 1n | -1n): CelImplementation {
  return ([x, y]) => {
    const left = x as CelDuration | CelTimestamp;
    const right = y as CelDuration | CelTimestamp;
    const nanos = left.nanos + sign * right.nanos;
    const times = [left, right].filter((value) => value instanceof CelTimestamp);
    if (times.length !== 1) return makeDuration(nanos);
    return makeTimestamp(nanos, times[0]!.offset);
  };
}

/** The same span in the other direction. */
export function negateDuration([x]: readonly CelValue[]): CelDuration {
  return makeDuration(-(x as CelDuration).nanos);
}

/** A duration that must fit 64 bits of nanoseconds. */
function makeDuration(nanos: bigint): CelDuration {
  if (nanos !== BigInt.asIntN(64, nanos)) throw new CelEvaluationError("integer overflow");
  return new CelDuration(nanos);
}

/** A timestamp that must lie in the years 1 to 9999. */
export function makeTimestamp(nanos: bigint, offset = 0): CelTimestamp {
  if (nanos < minTime || nanos > maxTime) throw new CelEvaluationError("timestamp overflow");
  return new CelTimestamp(nanos, offset);
}
