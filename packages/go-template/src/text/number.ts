const digit = /[0-9]/;
const hexDigit = /[0-9a-fA-F]/;

/** Go's rule for `_` in numbers: only between digits, or between a base prefix and a digit. */
function underscoresFit(text: string): boolean {
  let body = text.replace(/^[+-]/, "");
  const prefixed = /^0[bBoOxX]/.test(body);
  const digits = /^0[xX]/.test(body) ? hexDigit : digit;
  if (prefixed) body = body.slice(2);
  let previous = prefixed ? "0" : "^";
  for (const character of body) {
    const kind = digits.test(character) ? "0" : character === "_" ? "_" : "!";
    if (kind === "_" && previous !== "0") return false;
    if (kind === "!" && previous === "_") return false;
    previous = kind;
  }
  return previous !== "_";
}

function withoutUnderscores(text: string): string | undefined {
  if (!text.includes("_")) return text;
  return underscoresFit(text) ? text.replaceAll("_", "") : undefined;
}

function parseHexFloat(sign: string, whole: string, fraction: string, exponent: string): number {
  const mantissa = BigInt(`0x0${whole}${fraction}`);
  let shift = Number(exponent) - 4 * fraction.length;
  if (mantissa === 0n) return sign === "-" ? -0 : 0;
  let bits = mantissa;
  const extra = bits.toString(2).length - 64;
  if (extra > 0) {
    // Keep 64 bits and one that says whether any lower bit was set, so that the rounding below is right.
    const lost = bits & ((1n << BigInt(extra)) - 1n);
    bits = (bits >> BigInt(extra)) | (lost === 0n ? 0n : 1n);
    shift += extra;
  }
  const scaled = Number(bits) * 2 ** Math.max(Math.min(shift, 960), -1022);
  const value =
    shift > 960 ? scaled * 2 ** (shift - 960) : shift < -1022 ? scaled * 2 ** (shift + 1022) : scaled;
  return sign === "-" ? -value : value;
}

const decimalFloat = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const hexFloat = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?[0-9]+)$/;
const special = /^([+-]?)(?:(inf|infinity)|nan)$/i;

/** Reads a float as `strconv.ParseFloat`; `undefined` for bad syntax and for what a float64 cannot hold. */
export function parseFloat64(text: string): number | undefined {
  const word = special.exec(text);
  if (word !== null) {
    if (word[2] === undefined) return word[1] === "" ? Number.NaN : undefined;
    return word[1] === "-" ? -Infinity : Infinity;
  }
  const clean = withoutUnderscores(text);
  if (clean === undefined) return undefined;
  let value: number | undefined;
  if (decimalFloat.test(clean)) {
    value = Number(clean);
  } else {
    const [, sign = "", whole = "", fraction = "", exponent = ""] = hexFloat.exec(clean) ?? [];
    if (whole !== "" || fraction !== "") value = parseHexFloat(sign, whole, fraction, exponent);
  }
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

/** Far more than 64 bits take in any base; a longer text would cost time only to be out of range. */
const maxDigits = 1000;

/** Reads an unsigned integer with Go's base prefixes, larger than 64 bits too; `undefined` for bad syntax. */
function parseMagnitude(text: string): bigint | undefined {
  if (text.length > maxDigits) return undefined;
  if (/^(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|[1-9][0-9]*|0)$/.test(text))
    return BigInt(text.toLowerCase());
  return /^0[0-7]+$/.test(text) ? BigInt(`0o${text.slice(1)}`) : undefined;
}

/** Reads an integer as `strconv.ParseInt` with base 0; `undefined` for bad syntax or beyond the range. */
export function parseInt64(text: string): bigint | undefined {
  const clean = withoutUnderscores(text);
  if (clean === undefined) return undefined;
  const negative = clean.startsWith("-");
  const magnitude = parseMagnitude(/^[+-]/.test(clean) ? clean.slice(1) : clean);
  if (magnitude === undefined) return undefined;
  const value = negative ? -magnitude : magnitude;
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** Reads an unsigned integer as `strconv.ParseUint` with base 0; `undefined` for bad syntax or beyond the range. */
export function parseUint64(text: string): bigint | undefined {
  const clean = withoutUnderscores(text);
  const value = clean === undefined ? undefined : parseMagnitude(clean);
  return value !== undefined && BigInt.asUintN(64, value) === value ? value : undefined;
}
