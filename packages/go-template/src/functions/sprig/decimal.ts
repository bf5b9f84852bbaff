import { shortestDigits } from "../../format/decimal-digits.ts";
import { formatFloat } from "../../format/float.ts";
import type { Value } from "../../value/value.ts";
import { toFloat64 } from "../convert.ts";
import { define, defineVariadic, type FunctionMap } from "../function.ts";

/** An exact decimal: digits × 10^exponent. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** Decimals that a quotient is rounded to. */
const divisionDecimals = 16;

function toDecimal(value: number): Decimal {
  if (!Number.isFinite(value)) throw new Error(`Cannot create a Decimal from ${formatFloat(value, "g", -1)}`);
  const { digits, point } = shortestDigits(value);
  const magnitude = BigInt(digits === "" ? "0" : digits);
  return { digits: value < 0 ? -magnitude : magnitude, exponent: point - digits.length };
}

function toNumber({ digits, exponent }: Decimal): number {
  return Number(`${digits}e${exponent}`);
}

function scaledTo({ digits, exponent }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(exponent - to);
}

function sum(a: Decimal, b: Decimal, sign: bigint): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  return { digits: scaledTo(a, exponent) + sign * scaledTo(b, exponent), exponent };
}

/** Quotient rounded half away from zero. */
function quotient(a: Decimal, b: Decimal): Decimal {
  if (b.digits === 0n) throw new Error("decimal division by 0");
  const shift = a.exponent - b.exponent + divisionDecimals;
  const numerator = shift >= 0 ? a.digits * 10n ** BigInt(shift) : a.digits;
  const denominator = shift >= 0 ? b.digits : b.digits * 10n ** BigInt(-shift);
  const whole = numerator / denominator;
  const rest = numerator % denominator;
  const absolute = (value: bigint): bigint => (value < 0n ? -value : value);
  const roundsUp = 2n * absolute(rest) >= absolute(denominator);
  const away = numerator < 0n !== denominator < 0n ? -1n : 1n;
  return { digits: roundsUp ? whole + away : whole, exponent: -divisionDecimals };
}

type Operation = (a: Decimal, b: Decimal) => Decimal;

function fold(first: number, others: readonly Value[], operation: Operation): number {
  return toNumber(
    others.reduce((result, other) => operation(result, toDecimal(toFloat64(other))), toDecimal(first)),
  );
}

const add: Operation = (a, b) => sum(a, b, 1n);

/** Arithmetic in decimals, so that `addf 0.1 0.2` is 0.3. */
export const decimals: FunctionMap = {
  add1f: define(["interface {}"], ([value]) => fold(toFloat64(value), [1], add)),
  addf: defineVariadic([], "interface {}", (_, values) => fold(0, values, add)),
  subf: defineVariadic(["interface {}"], "interface {}", ([first], others) =>
    fold(toFloat64(first), others, (a, b) => sum(a, b, -1n)),
  ),
  mulf: defineVariadic(["interface {}"], "interface {}", ([first], others) =>
    fold(toFloat64(first), others, (a, b) => ({
      digits: a.digits * b.digits,
      exponent: a.exponent + b.exponent,
    })),
  ),
  divf: defineVariadic(["interface {}"], "interface {}", ([first], others) =>
    fold(toFloat64(first), others, quotient),
  ),
};
