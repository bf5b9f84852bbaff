/** A positive decimal number 0.d1d2d3… × 10^point; zero has no digits. */
export interface DecimalDigits {
  readonly digits: string;
  readonly point: number;
}

const view = new DataView(new ArrayBuffer(8));

/** A finite float as mantissa × 2^exponent, the mantissa with its implicit bit. */
export function splitFloat(value: number): { readonly mantissa: bigint; readonly exponent: number } {
  view.setFloat64(0, Math.abs(value));
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = bits & ((1n << 52n) - 1n);
  if (biased === 0) return { mantissa: fraction, exponent: -1074 };
  return { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}

function trimmed(digits: string, point: number): DecimalDigits {
  const short = digits.replace(/0+$/, "");
  return { digits: short, point: short === "" ? 0 : point };
}

/** The fewest digits that read back as the same float. */
export function shortestDigits(value: number): DecimalDigits {
  if (value === 0) return { digits: "", point: 0 };
  const [mantissa = "", exponent = ""] = Math.abs(value).toExponential().split("e");
  return trimmed(mantissa.replace(".", ""), Number(exponent) + 1);
}

/** Every digit of a float: a binary fraction always ends in decimal. */
export function exactDigits(value: number): DecimalDigits {
  const { mantissa, exponent } = splitFloat(value);
  if (mantissa === 0n) return { digits: "", point: 0 };
  const digits = String(exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent));
  return trimmed(digits, digits.length + Math.min(exponent, 0));
}

/** Rounds to `count` digits, halves to even. */
export function roundDigits({ digits, point }: DecimalDigits, count: number): DecimalDigits {
  if (count >= digits.length) return { digits, point };
  if (count < 0) return { digits: "", point: 0 };
  const kept = digits.slice(0, count);
  const rest = digits.slice(count);
  const half = rest.startsWith("5") && /^50*$/.test(rest);
  const up = half ? /[13579]$/.test(kept) : rest >= "5";
  if (!up) return trimmed(kept, point);
  const next = String(BigInt(`0${kept}`) + 1n).padStart(count, "0");
  return trimmed(next, point + (next.length - count));
}
