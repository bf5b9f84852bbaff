import { goQuote } from "../go-quote.ts";
import { CelEvaluationError } from "./cel-error.ts";
import { makeTimestamp } from "./time-arithmetic.ts";
import { CelDuration, type CelTimestamp } from "./cel-value.ts";

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const second = 1_000_000_000n;

/** Parses Go's duration text, such as `-1h30m` or `1.5s`; undefined when it is none. */
export function parseDuration(text: string): CelDuration | undefined {
  const match = /^([+-]?)(0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text);
  if (match === null) return undefined;
  let nanos = 0n;
  for (const [, whole = "", fraction = "", unit] of match[2]!.matchAll(
    /([0-9]*)\.?([0-9]*)(ns|us|µs|μs|ms|s|m|h)/g,
  )) {
    const scale = units[unit!]!;
    nanos += BigInt(whole === "" ? 0 : whole) * scale;
    if (fraction !== "") nanos += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
  }
  if (match[1] === "-") nanos = -nanos;
  return nanos === BigInt.asIntN(64, nanos) ? new CelDuration(nanos) : undefined;
}

/** A duration in seconds, as CEL converts it to text. */
export function formatDuration({ nanos }: CelDuration): string {
  const sign = nanos < 0n ? "-" : "";
  const absolute = nanos < 0n ? -nanos : nanos;
  return `${sign}${absolute / second}${fractionText(absolute % second)}s`;
}

/**
 * Parses an RFC 3339 timestamp.
 *
 * @throws CelEvaluationError with cel-go's text.
 */
export function parseTimestamp(text: string): CelTimestamp {
  const form =
    /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/i.exec(
      text,
    );
  if (form === null) throw new CelEvaluationError(`invalid RFC 3339 timestamp ${goQuote(text)}`);
  const [year, month, day, hour, minute, seconds] = form.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const offset =
    form[8] === undefined ? 0 : (form[8] === "-" ? -1 : 1) * (Number(form[9]) * 3600 + Number(form[10]) * 60);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, seconds);
  const exact = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  // Go's parser wants capital letters and knows no leap seconds, cel-go's check of the form does not mind.
  if (!exact || seconds === 60 || text !== text.toUpperCase()) {
    throw new CelEvaluationError("type conversion error from 'string' to 'google.protobuf.Timestamp'");
  }
  const fraction = BigInt((form[7] ?? "").slice(0, 9).padEnd(9, "0"));
  return makeTimestamp((BigInt(date.getTime()) / 1000n - BigInt(offset)) * second + fraction, offset);
}

/** RFC 3339 with nanoseconds, in the offset the timestamp was written with. */
export function formatTimestamp({ nanos, offset }: CelTimestamp): string {
  const local = nanos + BigInt(offset) * second;
  const seconds = floorDivide(local, second);
  const date = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const zone = offset === 0 ? "Z" : offsetText(offset);
  return `${date}${fractionText(local - seconds * second)}${zone}`;
}

/** Division that rounds down, also below zero. */
export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

function offsetText(offset: number): string {
  const minutes = Math.abs(offset) / 60;
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function fractionText(nanos: bigint): string {
  return nanos === 0n ? "" : `.${nanos.toString().padStart(9, "0").replace(/0+$/, "")}`;
}
