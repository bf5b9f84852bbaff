import type { Context } from "./context.ts";

/** Tells what a command does, for those who asked with `--zap-log-level`. */
export type Log = (message: string, fields?: Readonly<Record<string, string>>) => void;

/** Makes the log of a command from the zap flags: lines on stderr in zap's console or JSON form. */
export function createLog(context: Context, flags: Readonly<Record<string, unknown>>): Log {
  const level = String(flags["zap-log-level"]);
  if (level === "error" || level === "panic") return () => undefined;
  const encoder = String(flags["zap-encoder"]);
  const isJson = encoder === "json" || (encoder === "" && flags["zap-devel"] === false);
  const encoding = String(flags["zap-time-encoding"]);
  return (message, fields = {}) => {
    const time = formatTime(context.now(), encoding);
    const line = isJson
      ? JSON.stringify({ level: "info", ts: time, msg: message, ...fields })
      : [time, "INFO", message, ...fieldText(fields)].join("\t");
    context.stderr.write(`${line}\n`);
  };
}

function fieldText(fields: Readonly<Record<string, string>>): string[] {
  const pairs = Object.entries(fields).map(
    ([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  );
  return pairs.length === 0 ? [] : [`{${pairs.join(", ")}}`];
}

/** A time in one of zap's encodings; RFC 3339 in whole seconds unless told otherwise. */
function formatTime(milliseconds: number, encoding: string): string | number {
  const text = new Date(milliseconds).toISOString();
  switch (encoding) {
    case "epoch":
      return milliseconds / 1000;
    case "millis":
      return milliseconds;
    case "nano":
      return milliseconds * 1_000_000;
    case "iso8601":
      return text.replace("Z", "+0000");
    case "rfc3339nano":
      return text;
    default:
      return text.replace(/\.\d+Z$/, "Z");
  }
}
