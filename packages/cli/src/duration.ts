import { type Flag, stringFlag } from "./flags/flag.ts";

const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Reads a duration as Go writes it, for example `1m30s`, into milliseconds; undefined for other texts. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|h|m|s))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g))
    total += Number(amount) * units[unit!]!;
  return total;
}

/** A duration in Go's form: `1m0s`, `1.5s`, `250ms`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds > 0 && milliseconds < 1000) return `${milliseconds}ms`;
  const seconds = milliseconds / 1000;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = `${Number((seconds % 60).toFixed(3))}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}

/** A flag that takes a duration in Go's form; read it with `parseDuration`. */
export function durationFlag(help: string, initial: string): Flag<string> {
  const accept = (text: string): string => {
    if (parseDuration(text) === undefined) throw new Error(`time: invalid duration ${JSON.stringify(text)}`);
    return text;
  };
  return { ...stringFlag(help, { initial }), accept };
}
