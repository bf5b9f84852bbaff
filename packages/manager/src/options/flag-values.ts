/** Thrown for a text that is no value of its flag; the message is the reason Go's flag package gives. */
export class FlagValueError extends Error {
  override readonly name = "FlagValueError";
}

const booleans: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(["1", "t", "T", "TRUE", "true", "True"].map((text) => [text, true])),
  ...Object.fromEntries(["0", "f", "F", "FALSE", "false", "False"].map((text) => [text, false])),
};

/** Reads a boolean as Go's `strconv.ParseBool` does. */
export function parseBool(text: string): boolean {
  const value = booleans[text];
  if (value === undefined) throw new FlagValueError("parse error");
  return value;
}

const prefixed = /^0[xX][0-9a-fA-F]+(_[0-9a-fA-F]+)*$|^0[oO]?[0-7]*(_[0-7]+)*$|^0[bB][01]+(_[01]+)*$/;
const decimal = /^[1-9][0-9]*(_[0-9]+)*$/;

/** Reads an integer as Go's `strconv.ParseInt` with base 0 does: prefixes and underscores are allowed. */
export function parseInteger(text: string): number {
  const [, sign = "", digits = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (!decimal.test(digits) && !prefixed.test(digits)) throw new FlagValueError("parse error");
  const plain = digits.replaceAll("_", "");
  const value = BigInt(/^0[0-7]/.test(plain) ? `0o${plain.slice(1)}` : plain) * (sign === "-" ? -1n : 1n);
  if (BigInt.asIntN(64, value) !== value) throw new FlagValueError("value out of range");
  return Number(value);
}

const milliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Reads a duration as Go's `time.ParseDuration` does, into milliseconds. */
export function parseDuration(text: string): number {
  const [, sign = "", rest = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (rest === "0") return 0;
  const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy;
  let total = 0;
  let end = 0;
  for (const [matched, amount, unit = ""] of rest.matchAll(part)) {
    total += Number(amount) * (milliseconds[unit] ?? 0);
    end += matched.length;
  }
  if (rest === "" || end !== rest.length) throw new FlagValueError("parse error");
  return sign === "-" ? -total : total;
}

/** Writes a duration as Go's `Duration.String` does for whole seconds and above, e.g. `1m30s`. */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = `${seconds % 60}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}
