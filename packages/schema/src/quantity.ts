import { SchemaError } from "./errors.ts";

/** How a quantity was written: `1Gi`, `1G` or `1e9`. */
export type QuantityFormat = "BinarySI" | "DecimalSI" | "DecimalExponent";

/** A Kubernetes quantity: an exact number of nano-units. */
export interface Quantity {
  /** The number times 10^9. */
  readonly nanos: bigint;
  readonly format: QuantityFormat;
  /** Whether Go keeps it as a scaled 64-bit integer, which decides what overflowing conversions give. */
  readonly small: boolean;
  /** Canonical text. */
  readonly text: string;
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
  const digits = BigInt(`0${whole}${fraction}`);
  const magnitude = digits === 0n ? 0n : scaled(digits, fraction.length, base, exponent);
  const limited = format === "BinarySI" && magnitude > maxInt64 * scale ? maxInt64 * scale : magnitude;
  const isFraction = format === "BinarySI" && limited > 0n && limited < scale;
  const small = isSmall(whole.length + fraction.length, fraction.length, base, exponent);
  const quantity = {
    nanos: sign === "-" ? -limited : limited,
    format: isFraction && !small ? ("DecimalSI" as const) : format,
    small,
  };
  return { ...quantity, text: keptText(text, canonicalText(quantity.nanos, quantity.format)) };
}

/** The canonical text. */
export function formatQuantity(quantity: Quantity): string {
  return quantity.text;
}

/** The number rounded up to an integer, as an int64: too large a number gives what Go gives. */
export function quantityValue(quantity: Quantity): bigint {
  return scaledInt64(quantity, scale);
}

/** The number of thousandths, rounded up, as an int64. */
export function quantityMilliValue(quantity: Quantity): bigint {
  return scaledInt64(quantity, scale / 1000n);
}

/** Order of two quantities. */
export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
}

/** A quantity made by arithmetic; keeps the format of the first operand. */
export function quantityFromNanos(nanos: bigint, format: QuantityFormat): Quantity {
  return { nanos, format, small: false, text: canonicalText(nanos, format) };
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
  const exponent = /^[eE]([+-]?[0-9]+)$/.exec(suffix)?.[1];
  // A number that no machine has the memory for is refused rather than computed.
  if (exponent === undefined || Math.abs(Number(exponent)) > 10_000) {
    throw new SchemaError("invalid-quantity", "unable to parse quantity's suffix");
  }
  return { base: 10, exponent: Number(exponent), format: "DecimalExponent" };
}

/** `digits / 10^places * base^exponent` in nano-units, rounded up. */
function scaled(digits: bigint, places: number, base: 2 | 10, exponent: number): bigint {
  if (base === 2) return divideUp(digits * 2n ** BigInt(exponent) * scale, 10n ** BigInt(places));
  const shift = exponent + nano - places;
  return shift >= 0 ? digits * 10n ** BigInt(shift) : divideUp(digits, 10n ** BigInt(-shift));
}

/** Go's conditions for its fast path. */
function isSmall(length: number, places: number, base: 2 | 10, exponent: number): boolean {
  if (base === 10) return 18 - length >= 0 && exponent - places >= -nano;
  return places === 0 && 15 - length - Math.trunc((exponent * 3) / 10) - 1 >= 0;
}

function scaledInt64({ nanos, small }: Quantity, unit: bigint): bigint {
  const value = nanos < 0n ? -divideUp(-nanos, unit) : divideUp(nanos, unit);
  const wrapped = BigInt.asIntN(64, value);
  return wrapped === value || !small ? wrapped : 0n;
}

function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}

/** Go keeps a text that is canonical but for a plus sign. */
function keptText(text: string, canonical: string): string {
  return text !== canonical && text.replaceAll("+", "") === canonical ? text : canonical;
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
  const limit = format === "DecimalExponent" ? Number.POSITIVE_INFINITY : 18;
  while (value % 1000n === 0n && exponent < limit) {
    value /= 1000n;
    exponent += 3;
  }
  if (format !== "DecimalExponent") return `${sign}${value}${decimalSuffixes[(exponent + nano) / 3]}`;
  return exponent === 0 ? `${sign}${value}` : `${sign}${value}e${exponent}`;
}
