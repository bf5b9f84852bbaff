import { SchemaError } from "./errors.ts";

/** How a quantity was written: `1Gi`, `1G` or `1e9`. */
export type QuantityFormat = "BinarySI" | "DecimalSI" | "DecimalExponent";

/** A Kubernetes quantity: an exact number of nano-units. */
export interface Quantity {
  /** The number times 10^9. */
  readonly nanos: bigint;
  readonly format: QuantityFormat;
  /** The 64-bit integer and power of ten that Go keeps when they fit, which decides what conversions give. */
  readonly small?: ScaledInteger;
  /** Canonical text. */
  readonly text: string;
}

interface ScaledInteger {
  readonly value: bigint;
  readonly exponent: number;
}

const nano = 9;
const scale = 10n ** BigInt(nano);
const maxInt64 = 2n ** 63n - 1n;
const decimalSuffixes: readonly string[] = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const binarySuffixes: readonly string[] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/**
 * Parses a quantity such as `500m`, `1.5Gi` or `1e3`; fractions below one nano-unit are rounded up.
 *
 * @throws SchemaError `invalid-quantity` with the text of `resource.ParseQuantity`.
 */
export function parseQuantity(text: string): Quantity {
  const match = /^([+-]?)0*([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/.exec(text);
  if (match === null || text === "") {
    throw new SchemaError(
      "invalid-quantity",
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  }
  const [, sign, whole = "", fraction = "", suffix = ""] = match;
  const { base, exponent, format } = interpretSuffix(suffix);
  const digits = `${whole || "0"}${fraction}`;
  const signed = (magnitude: bigint): bigint => (sign === "-" ? -magnitude : magnitude);
  const magnitude = scaled(BigInt(digits), fraction.length, base, exponent);
  if (isSmall(digits.length, fraction.length, base, exponent)) {
    const value = signed(base === 2 ? BigInt(digits) << BigInt(exponent) : BigInt(digits));
    const small = { value, exponent: base === 2 ? 0 : exponent - fraction.length };
    const nanos = signed(magnitude);
    const kept = base === 2 ? BigInt(digits) % 8n !== 0n : isKept(digits, small.exponent);
    return { nanos, format, small, text: kept ? text : canonicalText(nanos, format) };
  }
  if (!/\d/.test(text.slice(0, text.length - suffix.length))) {
    throw new SchemaError("invalid-quantity", "unable to parse numeric part of quantity");
  }
  if (format === "BinarySI" && magnitude > maxInt64 * scale) {
    const nanos = signed(maxInt64 * scale);
    return {
      nanos,
      format,
      small: { value: signed(maxInt64), exponent: 0 },
      text: canonicalText(nanos, format),
    };
  }
  const isFraction = format === "BinarySI" && magnitude > 0n && magnitude < scale;
  return quantityFromNanos(signed(magnitude), isFraction ? "DecimalSI" : format);
}

/** The canonical text. */
export function formatQuantity(quantity: Quantity): string {
  return quantity.text;
}

/**
 * The number rounded away from zero to an integer, as an int64: too large a number gives what Go gives, and so does a
 * negative one that it keeps as a big number.
 */
export function quantityValue(quantity: Quantity): bigint {
  return scaledInt64(quantity, 0);
}

/** The number of thousandths, as `quantityValue` gives units. */
export function quantityMilliValue(quantity: Quantity): bigint {
  return scaledInt64(quantity, 3);
}

/** Order of two quantities. */
export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
}

/** A quantity made by arithmetic; keeps the format of the first operand. */
export function quantityFromNanos(nanos: bigint, format: QuantityFormat): Quantity {
  return { nanos, format, text: canonicalText(nanos, format) };
}

interface Suffix {
  readonly base: 2 | 10;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

function interpretSuffix(suffix: string): Suffix {
  const decimal = decimalSuffixes.indexOf(suffix);
  if (decimal >= 0) return { base: 10, exponent: 3 * decimal - nano, format: "DecimalSI" };
  const binary = binarySuffixes.indexOf(suffix);
  if (binary >= 0) return { base: 2, exponent: 10 * binary, format: "BinarySI" };
  const exponent = parseExponent(/^[eE]([+-]?[0-9]+)$/.exec(suffix)?.[1]);
  // A number that no machine has the memory for is refused rather than computed.
  if (exponent === undefined || Math.abs(exponent) > 10_000) {
    throw new SchemaError("invalid-quantity", "unable to parse quantity's suffix");
  }
  return { base: 10, exponent, format: "DecimalExponent" };
}

/** Go reads 64 bits and keeps the low 32. */
function parseExponent(text: string | undefined): number | undefined {
  const value = text === undefined ? undefined : BigInt(text);
  return value === undefined || BigInt.asIntN(64, value) !== value
    ? undefined
    : Number(BigInt.asIntN(32, value));
}

/** `digits / 10^places * base^exponent` in nano-units, rounded up. */
function scaled(digits: bigint, places: number, base: 2 | 10, exponent: number): bigint {
  if (base === 2) return divideUp(digits * 2n ** BigInt(exponent) * scale, 10n ** BigInt(places));
  const shift = exponent + nano - places;
  return shift >= 0 ? digits * 10n ** BigInt(shift) : divideUp(digits, 10n ** BigInt(-shift));
}

/** Go's conditions for its fast path. */
function isSmall(length: number, places: number, base: 2 | 10, exponent: number): boolean {
  if (base === 10) return length <= 18 && exponent - places >= -nano;
  return places === 0 && 15 - length - Math.trunc((exponent * 3) / 10) - 1 >= 0;
}

/** Go's idea of a decimal text that needs no canonical form, whatever signs, zeros and dots are around the digits. */
function isKept(digits: string, exponent: number): boolean {
  return exponent % 3 === 0 && !digits.endsWith("000") && !digits.startsWith("0");
}

/** Powers of ten that Go multiplies by at once, wrapping around; with others too large a product becomes 0. */
const wrappingShifts: ReadonlySet<number> = new Set([1, 2, 3, 6, 9]);

function scaledInt64({ nanos, small }: Quantity, places: number): bigint {
  if (small !== undefined) {
    const shift = small.exponent + places;
    if (shift < 0) return divideAway(small.value, 10n ** BigInt(-shift));
    const product = small.value * 10n ** BigInt(shift);
    const wrapped = BigInt.asIntN(64, product);
    return wrapped === product || wrappingShifts.has(shift) ? wrapped : 0n;
  }
  const unit = 10n ** BigInt(nano - places);
  // Go takes any negative number for one of 64 bits here, and rounds it up.
  const number = nanos < 0n ? BigInt.asIntN(64, nanos) : nanos;
  return BigInt.asIntN(64, number / unit + (number % unit === 0n ? 0n : 1n));
}

function divideAway(value: bigint, by: bigint): bigint {
  return value < 0n ? -divideUp(-value, by) : divideUp(value, by);
}

function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}

function canonicalText(nanos: bigint, format: QuantityFormat): string {
  if (nanos === 0n) return "0";
  const magnitude = nanos < 0n ? -nanos : nanos;
  const sign = nanos < 0n ? "-" : "";
  if (format === "BinarySI" && magnitude >= 1024n * scale && magnitude % scale === 0n) {
    let value = magnitude / scale;
    let index = 0;
    while (value % 1024n === 0n && index < binarySuffixes.length - 1) {
      value /= 1024n;
      index++;
    }
    return `${sign}${value}${binarySuffixes[index]}`;
  }
  let value = magnitude;
  let exponent = -nano;
  while (value % 1000n === 0n) {
    value /= 1000n;
    exponent += 3;
  }
  // Beyond the last suffix Go drops it and the zeros it stands for.
  if (format !== "DecimalExponent") return `${sign}${value}${decimalSuffixes[(exponent + nano) / 3] ?? ""}`;
  return exponent === 0 ? `${sign}${value}` : `${sign}${value}e${exponent}`;
}
