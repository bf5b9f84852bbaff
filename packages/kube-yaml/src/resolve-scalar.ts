import { integerFromText } from "./json-value.ts";

/** What a plain scalar means. A timestamp keeps its text as value. */
export interface ResolvedScalar {
  readonly kind: "string" | "boolean" | "null" | "integer" | "float" | "timestamp";
  readonly value: string | boolean | null | number | bigint;
}

/**
 * Resolves a plain scalar by the YAML 1.1 rules of go-yaml v2: `y` and `on` are booleans, `0o17`, `017` and
 * `1_000` are integers, base-60 numbers stay strings, and numbers out of a double's range stay strings.
 */
export function resolveScalar(text: string): ResolvedScalar {
  const known = words.get(text);
  if (known !== undefined) return known;
  const first = text.charCodeAt(0);
  if (first === 0x2e) return floatOrString(text, dotFloat);
  const numeric = first === 0x2b || first === 0x2d || (first >= 0x30 && first <= 0x39);
  if (!numeric) return { kind: "string", value: text };
  if (isTimestamp(text)) return { kind: "timestamp", value: text };
  const plain = text.replaceAll("_", "");
  const integer = parseInteger(plain);
  if (integer !== undefined) return { kind: "integer", value: integer };
  const float = floatOrString(plain, yamlFloat);
  return float.kind === "float" ? float : { kind: "string", value: text };
}

/** True where go-yaml quotes a text only because other readers would take it for a base-60 number. */
export function isBase60(text: string): boolean {
  return base60.test(text);
}

const words: ReadonlyMap<string, ResolvedScalar> = new Map([
  ...entries("boolean", true, ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"]),
  ...entries("boolean", false, ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"]),
  ...entries("null", null, ["", "~", "null", "Null", "NULL"]),
  ...entries("float", Number.NaN, [".nan", ".NaN", ".NAN"]),
  ...entries("float", Number.POSITIVE_INFINITY, [".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"]),
  ...entries("float", Number.NEGATIVE_INFINITY, ["-.inf", "-.Inf", "-.INF"]),
]);

function entries(
  kind: ResolvedScalar["kind"],
  value: ResolvedScalar["value"],
  texts: readonly string[],
): [string, ResolvedScalar][] {
  return texts.map((text) => [text, { kind, value }]);
}

const yamlFloat = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
/** Go reads these without taking underscores out first, so they must stand between digits. */
const dotFloat = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/;
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

function floatOrString(text: string, pattern: RegExp): ResolvedScalar {
  const value = pattern.test(text) ? Number(text.replaceAll("_", "")) : Number.NaN;
  return Number.isFinite(value) ? { kind: "float", value } : { kind: "string", value: text };
}

const prefixed: readonly (readonly [RegExp, string])[] = [
  [/^0[xX]([0-9a-fA-F]+)$/, "0x"],
  [/^0[oO]([0-7]+)$/, "0o"],
  [/^0[bB]([01]+)$/, "0b"],
  [/^0([0-7]+)$/, "0o"],
];
const smallest = -(2n ** 63n);
const largest = 2n ** 64n - 1n;

/** Go's strconv.ParseInt with base 0 into 64 bits, then ParseUint, which takes no sign. */
function parseInteger(plain: string): number | bigint | undefined {
  // go-yaml reads what follows `0b` once more, and there a sign may stand.
  const text = plain.replace(/^0b([-+])(?=[01]+$)/, "$10b");
  const negative = text.startsWith("-");
  const signed = negative || text.startsWith("+");
  const digits = signed ? text.slice(1) : text;
  if (/^(?:0|[1-9][0-9]{0,14})$/.test(digits)) return negative ? 0 - Number(digits) : Number(digits);
  const magnitude = magnitudeOf(digits);
  if (magnitude === undefined) return undefined;
  const value = negative ? -magnitude : magnitude;
  if (value < smallest || value > largest || (signed && value >= 2n ** 63n)) return undefined;
  return integerFromText(String(value));
}

function magnitudeOf(digits: string): bigint | undefined {
  if (/^[1-9][0-9]*$/.test(digits)) return digits.length > 20 ? undefined : BigInt(digits);
  for (const [pattern, prefix] of prefixed) {
    const match = pattern.exec(digits)?.[1];
    if (match !== undefined) return match.length > 128 ? undefined : BigInt(prefix + match);
  }
  return undefined;
}

const timestamp =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]| +)(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(Z|[-+]\d\d:\d\d)?)?$/;

/** The four time layouts go-yaml tries; a zone belongs to the `T` form and must be absent from the other. */
function isTimestamp(text: string): boolean {
  const match = timestamp.exec(text);
  if (match === null) return false;
  const [, year, month, day, hour, minute, second, zone] = match;
  if (Number(month) < 1 || Number(month) > 12) return false;
  const lastDay = new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate();
  if (Number(day) < 1 || Number(day) > lastDay) return false;
  if (hour === undefined) return true;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return false;
  const separator = /[Tt]/.test(text);
  if (!separator) return zone === undefined;
  if (zone === undefined) return false;
  return zone === "Z" || (Number(zone.slice(1, 3)) <= 24 && Number(zone.slice(4)) <= 60);
}
