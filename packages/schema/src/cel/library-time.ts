import { goQuote } from "../go-quote.ts";
import { CelEvaluationError } from "./cel-error.ts";
import { method, type CelOverload } from "./cel-overload.ts";
import { floorDivide } from "./time-text.ts";
import * as t from "./cel-type.ts";
import type { CelDuration, CelTimestamp, CelValue } from "./cel-value.ts";

const second = 1_000_000_000n;

/** Parts of a point in time on the wall clock of a zone, with ECMAScript's counting from zero. */
type Part = (clock: Date) => number;

const parts: Readonly<Record<string, Part>> = {
  getFullYear: (clock) => clock.getUTCFullYear(),
  getMonth: (clock) => clock.getUTCMonth(),
  getDate: (clock) => clock.getUTCDate(),
  getDayOfMonth: (clock) => clock.getUTCDate() - 1,
  getDayOfWeek: (clock) => clock.getUTCDay(),
  getDayOfYear: (clock) => {
    const start = new Date(clock);
    start.setUTCMonth(0, 1);
    return Math.round((clock.getTime() - start.getTime()) / 86_400_000);
  },
  getHours: (clock) => clock.getUTCHours(),
  getMinutes: (clock) => clock.getUTCMinutes(),
  getSeconds: (clock) => clock.getUTCSeconds(),
  getMilliseconds: (clock) => clock.getUTCMilliseconds(),
};

const spans: Readonly<Record<string, bigint>> = {
  getHours: 3600n * second,
  getMinutes: 60n * second,
  getSeconds: second,
  getMilliseconds: 1_000_000n,
};

/** Accessors of timestamps, in UTC or a zone by name or offset, and of durations. */
export const time: readonly CelOverload[] = [
  ...Object.entries(parts).flatMap(([name, part]) => [
    method(name, [t.timestamp], t.int, ([at]) => BigInt(part(clockOf(at!, 0)))),
    method(name, [t.timestamp, t.string], t.int, ([at, zone]) => {
      return BigInt(part(clockOf(at!, zoneOffset(zone as string, at as CelTimestamp))));
    }),
  ]),
  ...Object.entries(spans).map(([name, unit]) =>
    method(name, [t.duration], t.int, ([span]) => (span as CelDuration).nanos / unit),
  ),
];

/** A date whose UTC parts are those of the wall clock at an offset in seconds. */
function clockOf(value: CelValue, offset: number): Date {
  const milliseconds = floorDivide((value as CelTimestamp).nanos, 1_000_000n);
  return new Date(Number(milliseconds) + offset * 1000);
}

/** Seconds of an offset such as `-05:30`. */
function fixedOffset(zone: string, colon: number): number {
  const [hours, minutes] = [zone.slice(0, colon), zone.slice(colon + 1)].map((part) => {
    if (/^[+-]?\d+$/.test(part)) return Number(part);
    throw new CelEvaluationError(`strconv.Atoi: parsing ${goQuote(part)}: invalid syntax`);
  }) as [number, number];
  if (Math.abs(hours) > 23) {
    throw new CelEvaluationError(`timezone offset hours out of range [-23, 23]: ${zone}`);
  }
  if (minutes < 0 || minutes > 59) {
    throw new CelEvaluationError(`timezone offset minutes out of range [0, 59]: ${zone}`);
  }
  return hours * 3600 + (zone.startsWith("-") ? -1 : 1) * minutes * 60;
}

function zoneOffset(zone: string, { nanos }: CelTimestamp): number {
  const colon = zone.indexOf(":");
  if (colon >= 0) return fixedOffset(zone, colon);
  if (zone === "" || zone === "UTC") return 0;
  try {
    const moment = Math.floor(Number(floorDivide(nanos, second))) * 1000;
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    const at = Object.fromEntries(
      format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]),
    );
    const local = Date.UTC(at["year"]!, at["month"]! - 1, at["day"], at["hour"], at["minute"], at["second"]);
    return (local - moment) / 1000;
  } catch (error) {
    throw new CelEvaluationError(`unknown time zone ${zone}`, { cause: error });
  }
}
