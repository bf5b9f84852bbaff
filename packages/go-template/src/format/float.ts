import {
  type DecimalDigits,
  exactDigits,
  roundDigits,
  shortestDigits,
  splitFloat,
} from "./decimal-digits.ts";

/** Formats of `strconv.FormatFloat` that fmt uses. */
export type FloatFormat = "e" | "E" | "f" | "g" | "G" | "b" | "x" | "X";

function exponentText(exponent: number): string {
  return `${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function scientific({ digits, point }: DecimalDigits, precision: number, letter: string): string {
  const exponent = digits === "" ? 0 : point - 1;
  const fraction = precision > 0 ? `.${digits.slice(1, precision + 1).padEnd(precision, "0")}` : "";
  return `${digits[0] ?? "0"}${fraction}${letter}${exponentText(exponent)}`;
}

function fixed({ digits, point }: DecimalDigits, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, "0") : "0";
  if (precision <= 0) return whole;
  const fraction = point > 0 ? digits.slice(point) : "0".repeat(Math.min(-point, precision)) + digits;
  return `${whole}.${fraction.slice(0, precision).padEnd(precision, "0")}`;
}

/** `%e` for exponents below -4 or from the precision on; six stands in for the precision of shortest digits. */
function general(decimal: DecimalDigits, precision: number, letter: string): string {
  const count = decimal.digits.length;
  const shortest = precision < 0;
  let threshold = shortest ? 6 : precision;
  if (!shortest && threshold > count && count >= decimal.point) threshold = count;
  const exponent = decimal.point - 1;
  if (exponent < -4 || exponent >= threshold) {
    return scientific(decimal, Math.min(shortest ? count : precision, count) - 1, letter);
  }
  return fixed(decimal, Math.max(count - decimal.point, 0));
}

function binary(value: number): string {
  const { mantissa, exponent } = splitFloat(value);
  return `${mantissa}p${exponent < 0 ? "" : "+"}${exponent}`;
}

/** Hexadecimal with one digit before the point and, for a fixed precision, halves rounded to even. */
function hexadecimal(value: number, precision: number, upper: boolean): string {
  const split = splitFloat(value);
  let { mantissa } = split;
  let exponent = mantissa === 0n ? 0 : split.exponent + 52;
  while (mantissa !== 0n && mantissa >> 52n === 0n) {
    mantissa <<= 1n;
    exponent--;
  }
  mantissa <<= 8n;
  if (precision >= 0 && precision < 15) {
    const dropped = BigInt(60 - 4 * precision);
    const rest = mantissa & ((1n << dropped) - 1n);
    mantissa >>= dropped;
    const half = 1n << (dropped - 1n);
    if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa++;
    mantissa <<= dropped;
    if (mantissa >> 61n !== 0n) {
      mantissa >>= 1n;
      exponent++;
    }
  }
  const lead = mantissa >> 60n;
  const all = (mantissa & ((1n << 60n) - 1n)).toString(16).padStart(15, "0");
  const fraction = precision < 0 ? all.replace(/0+$/, "") : all.slice(0, precision).padEnd(precision, "0");
  const text = `0x${lead}${fraction === "" ? "" : `.${fraction}`}p${exponentText(exponent)}`;
  return upper ? text.toUpperCase() : text;
}

function magnitude(value: number, format: FloatFormat, precision: number): string {
  switch (format) {
    case "b":
      return binary(value);
    case "x":
    case "X":
      return hexadecimal(value, precision, format === "X");
    case "f": {
      if (precision < 0) {
        const decimal = shortestDigits(value);
        return fixed(decimal, Math.max(decimal.digits.length - decimal.point, 0));
      }
      const exact = exactDigits(value);
      return fixed(roundDigits(exact, exact.point + precision), precision);
    }
    case "e":
    case "E": {
      const decimal = precision < 0 ? shortestDigits(value) : roundDigits(exactDigits(value), precision + 1);
      return scientific(decimal, precision < 0 ? Math.max(decimal.digits.length - 1, 0) : precision, format);
    }
    default: {
      const wanted = precision === 0 ? 1 : precision;
      const decimal = wanted < 0 ? shortestDigits(value) : roundDigits(exactDigits(value), wanted);
      return general(decimal, wanted, format === "g" ? "e" : "E");
    }
  }
}

/** Text of a float as `strconv.FormatFloat`; precision -1 asks for the shortest digits that read back the same. */
export function formatFloat(value: number, format: FloatFormat, precision: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const negative = value < 0 || Object.is(value, -0);
  return (negative ? "-" : "") + magnitude(value, format, precision);
}
