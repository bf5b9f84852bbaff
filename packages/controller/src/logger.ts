import { type DestinationStream, pino } from "pino";
import { createSampler } from "./log-sampler.ts";

/** Fields of a log line beside its message. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes structured lines; children carry a longer name or more fields. */
export interface Logger {
  info(message: string, fields?: LogFields): void;
  /** A line of verbosity 1 or `verbosity`, shown from that log level on. */
  debug(message: string, fields?: LogFields & { verbosity?: number }): void;
  /** A line with `error` and `stacktrace`; shown at every level. */
  error(error: unknown, message: string, fields?: LogFields): void;
  /** Appends to the dotted logger name. */
  named(name: string): Logger;
  with(fields: LogFields): Logger;
}

/** How and where lines are written. */
export interface LoggerOptions {
  /** -1 errors only (the default of the flag), 0 info, 1 debug, n up to verbosity n. */
  level: number;
  /** Where lines go, usually standard error. */
  destination: DestinationStream;
  now: () => number;
}

/** From this level on every line is written; below it floods of one message are thinned out. */
const unsampledLevel = 2;

/** A logger with zap's production output: JSON lines of `level`, `ts`, `logger`, `msg` and the fields. */
export function createLogger({ level, destination, now }: LoggerOptions): Logger {
  const sample = level < unsampledLevel ? createSampler({ now }) : () => true;
  const lines = pino(
    {
      base: null,
      level: "debug",
      messageKey: "msg",
      formatters: { level: (label) => ({ level: label }) },
      // RFC 3339 in whole seconds, as zap's RFC3339TimeEncoder writes it.
      timestamp: () => `,"ts":"${new Date(now()).toISOString().slice(0, 19)}Z"`,
    },
    destination,
  );

  function create(name: string, inherited: LogFields): Logger {
    const scope: LogFields = name === "" ? inherited : { logger: name, ...inherited };
    const write = (kind: "info" | "debug" | "error", message: string, fields: LogFields) => {
      if (sample(`${kind} ${message}`)) lines[kind]({ ...scope, ...fields }, message);
    };
    return {
      info(message, fields = {}) {
        if (level >= 0) write("info", message, fields);
      },
      debug(message, { verbosity = 1, ...fields } = {}) {
        if (level >= verbosity) write("debug", message, fields);
      },
      error(error, message, fields = {}) {
        write("error", message, { ...fields, ...describeError(error) });
      },
      named: (part) => create(name === "" ? part : `${name}.${part}`, inherited),
      with: (fields) => create(name, { ...inherited, ...fields }),
    };
  }
  return create("", {});
}

function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: String(error) };
  const causes: string[] = [];
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { message } = cause;
    // Many wrappers repeat their cause's text; saying it once is enough.
    if (!causes.some((text) => text.includes(message))) causes.push(message);
  }
  return { error: causes.join(": "), ...(error.stack && { stacktrace: error.stack }) };
}
