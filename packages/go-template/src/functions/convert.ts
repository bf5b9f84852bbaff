import { formatValue } from "../format/print.ts";
import type { Budget } from "../limits.ts";
import { type ByteString, decodeText } from "../text/byte-string.ts";
import { parseFloat64, parseInt64 } from "../text/number.ts";
import { kindOf } from "../value/type.ts";
import { GoInt, GoList, GoVersion, type Value } from "../value/value.ts";
import { versionText } from "./semver/version.ts";

/** What Go says when a function is given nil for a list. */
export const nilDereference = "runtime error: invalid memory address or nil pointer dereference";

/** Fails a function with a message in bytes. */
export function failWith(message: ByteString): never {
  throw new Error(decodeText(message));
}

/** A float cut to an int64 as amd64 does: what does not fit becomes the least int64. */
function truncateFloat(value: number): bigint {
  if (!Number.isFinite(value)) return -(2n ** 63n);
  const whole = BigInt(Math.trunc(value));
  return BigInt.asIntN(64, whole) === whole ? whole : -(2n ** 63n);
}

/** A decimal text loses what follows the point: `1.9` is read as 1. */
function withoutFraction(text: string): string {
  const match = text.includes(".") ? /^([-+]?[0-9]*)(?:\.[0-9]*)$/.exec(text) : null;
  if (match === null) return text;
  const whole = match[1] ?? "";
  return /[0-9]/.test(whole) ? whole : `${whole}0`;
}

/** sprig's `int64`: whatever cannot be converted is 0. */
export function toInt64(value: Value): bigint {
  if (value instanceof GoInt) return BigInt.asIntN(64, value.value);
  if (typeof value === "number") return truncateFloat(value);
  if (typeof value === "boolean") return value ? 1n : 0n;
  return typeof value === "string" ? (parseInt64(withoutFraction(value)) ?? 0n) : 0n;
}

/** sprig's `float64`: whatever cannot be converted is 0. */
export function toFloat64(value: Value): number {
  if (value instanceof GoInt) return Number(value.value);
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "string" ? (parseFloat64(value) ?? 0) : 0;
}

/** sprig's text of a value: strings as they are, everything else in `%v` form. */
export function toText(value: Value, budget: Budget): ByteString {
  if (typeof value === "string") return value;
  return value instanceof GoVersion ? versionText(value.version) : formatValue(value, budget);
}

/** Texts of a list's non-nil elements; a scalar is a list of one, nil an empty one. */
export function toTexts(value: Value, budget: Budget): ByteString[] {
  if (value === null) return [];
  if (!(value instanceof GoList)) return [toText(value, budget)];
  const texts: ByteString[] = [];
  for (const item of value.items) {
    if (item !== null) texts.push(toText(item, budget));
  }
  return texts;
}

/** The items of a list argument; fails with `message` and the kind of anything else. */
export function itemsOf(value: Value, message: string, suffix = ""): readonly Value[] {
  if (value instanceof GoList) return value.items;
  if (value === null) throw new Error(nilDereference);
  throw new Error(`${message} ${kindOf(value)}${suffix}`);
}
