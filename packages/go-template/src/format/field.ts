import type { Budget } from "../limits.ts";
import { type ByteString, encodeRune, firstRunes, runeCount, runeError } from "../text/byte-string.ts";
import { canBackquote, quote, quoteRune } from "../text/quote.ts";
import { isPrint } from "../text/unicode.ts";
import { type FloatFormat, formatFloat } from "./float.ts";

/** Flags, width and precision of one verb. */
export interface Flags {
  width: number | undefined;
  precision: number | undefined;
  minus: boolean;
  plus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
  /** `%+v`. */
  plusV: boolean;
  /** `%#v`. */
  sharpV: boolean;
}

/** No flags at all, as outside of printf. */
export function noFlags(): Flags {
  return {
    width: undefined,
    precision: undefined,
    minus: false,
    plus: false,
    sharp: false,
    space: false,
    zero: false,
    plusV: false,
    sharpV: false,
  };
}

/** Pads to the width: zeros only on the left, blanks otherwise. */
export function pad(text: ByteString, flags: Flags, budget: Budget, zero: boolean = flags.zero): ByteString {
  if (flags.width === undefined || flags.width === 0) return text;
  const missing = flags.width - runeCount(text);
  if (missing <= 0) return text;
  budget.reserve(missing);
  if (flags.minus) return text + " ".repeat(missing);
  return (zero ? "0" : " ").repeat(missing) + text;
}

function signOf(negative: boolean, flags: Flags): string {
  return negative ? "-" : flags.plus ? "+" : flags.space ? " " : "";
}

/** An integer in a base; `letterO` is the verb that shows `0o`. */
export function integerField(
  value: bigint,
  base: 2 | 8 | 10 | 16,
  flags: Flags,
  budget: Budget,
  { upper = false, letterO = false }: { upper?: boolean; letterO?: boolean } = {},
): ByteString {
  const negative = value < 0n;
  let digits = (negative ? -value : value).toString(base);
  let least = 0;
  if (flags.precision !== undefined) {
    least = flags.precision;
    if (least === 0 && value === 0n) return pad("", { ...flags, minus: false }, budget, false);
  } else if (flags.zero && !flags.minus && flags.width !== undefined) {
    least = flags.width - (signOf(negative, flags) === "" ? 0 : 1);
  }
  budget.reserve(least);
  digits = digits.padStart(least, "0");
  if (flags.sharp) {
    if (base === 2) digits = `0b${digits}`;
    if (base === 8 && !digits.startsWith("0")) digits = `0${digits}`;
    if (base === 16) digits = `0x${digits}`;
  }
  if (letterO) digits = `0o${digits}`;
  return pad(signOf(negative, flags) + (upper ? digits.toUpperCase() : digits), flags, budget, false);
}

/** `%U`: `U+0078`, with `#` followed by the character. */
export function unicodeField(value: bigint, flags: Flags, budget: Budget): ByteString {
  const code = BigInt.asUintN(64, value);
  const digits = code
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(4, flags.precision ?? 0), "0");
  budget.reserve(digits.length);
  const rune = Number(code);
  const shown = flags.sharp && code <= 0x10ffffn && isPrint(rune) ? ` '${encodeRune(rune)}'` : "";
  return pad(`U+${digits}${shown}`, flags, budget, false);
}

function toRune(value: bigint): number {
  const code = BigInt.asUintN(64, value);
  return code > 0x10ffffn ? runeError : Number(code);
}

/** `%c`. */
export function characterField(value: bigint, flags: Flags, budget: Budget): ByteString {
  return pad(encodeRune(toRune(value)), flags, budget);
}

/** `%q` of an integer. */
export function quotedCharacterField(value: bigint, flags: Flags, budget: Budget): ByteString {
  return pad(quoteRune(toRune(value), { ascii: flags.plus }), flags, budget);
}

function truncate(text: ByteString, flags: Flags): ByteString {
  return flags.precision === undefined ? text : firstRunes(text, flags.precision);
}

/** `%s`: truncated to the precision, counted in characters. */
export function stringField(text: ByteString, flags: Flags, budget: Budget): ByteString {
  return pad(truncate(text, flags), flags, budget);
}

/** `%q` of a string. */
export function quotedField(text: ByteString, flags: Flags, budget: Budget): ByteString {
  const short = truncate(text, flags);
  if (flags.sharp && canBackquote(short)) return pad(`\`${short}\``, flags, budget);
  return pad(quote(short, { ascii: flags.plus }), flags, budget);
}

/** `%x` of a string: its bytes. */
export function hexStringField(text: ByteString, flags: Flags, budget: Budget, upper: boolean): ByteString {
  const length = Math.min(flags.precision ?? text.length, text.length);
  if (length === 0) return pad("", flags, budget);
  budget.reserve(length * 2);
  const pairs = Buffer.from(text.slice(0, length), "latin1").toString("hex");
  const prefix = flags.sharp ? "0x" : "";
  const shown = flags.space ? pairs.replaceAll(/..(?=.)/g, `$& ${prefix}`) : pairs;
  return pad(prefix + shown, flags, budget).replace(/.+/s, (all) => (upper ? all.toUpperCase() : all));
}

/** Restores what `#` keeps: the point and, for `%g`, trailing zeros up to the precision. */
function sharpFloat(text: string, format: FloatFormat, precision: number): string {
  const isHex = format === "x" || format === "X";
  const [, body = "", tail = ""] = (isHex ? /^(.*?)([pP].*)?$/ : /^(.*?)([eEpP].*)?$/).exec(text) ?? [];
  // Go compares with the verb letter only, so upper-case hexadecimal keeps no zeros.
  let digits = format === "g" || format === "G" || format === "x" ? (precision < 0 ? 6 : precision) : 0;
  const significant = body.replaceAll(/[^0-9a-zA-Z]/g, "").replace(/^0+/, "");
  digits -= significant.length;
  const point = body.includes(".") ? "" : ".";
  if (point !== "" && body === "0") digits--;
  return body + point + "0".repeat(Math.max(digits, 0)) + tail;
}

/** A float with sign, padding and the `#` form. */
export function floatField(
  value: number,
  format: FloatFormat,
  precision: number,
  flags: Flags,
  budget: Budget,
): ByteString {
  const digits = flags.precision ?? precision;
  budget.reserve(Math.max(digits, 0));
  const raw = formatFloat(value, format, digits);
  const negative = raw.startsWith("-");
  const unsigned = raw.replace(/^[+-]/, "");
  if (!Number.isFinite(value)) {
    // An infinity always shows its sign.
    const plain = Number.isNaN(value) ? "" : "+";
    const sign = negative || flags.plus || flags.space ? signOf(negative, flags) : plain;
    return pad(sign + unsigned, flags, budget, false);
  }
  const text = flags.sharp && format !== "b" ? sharpFloat(unsigned, format, digits) : unsigned;
  const sign = signOf(negative, flags);
  if (
    sign !== "" &&
    flags.zero &&
    !flags.minus &&
    flags.width !== undefined &&
    flags.width > text.length + 1
  ) {
    return sign + pad(text, { ...flags, width: flags.width - 1 }, budget);
  }
  return pad(sign + text, flags, budget);
}
