import { createLogger, type Logger } from "../logger.ts";

/** A logger together with the lines it wrote, parsed. */
export interface LogLines {
  logger: Logger;
  lines: Record<string, unknown>[];
}

/** A logger that keeps its lines. */
export function collectLogs(level = 9, now: () => number = () => Date.UTC(2024, 0, 1)): LogLines {
  const lines: Record<string, unknown>[] = [];
  const destination = {
    write: (text: string) => void lines.push(JSON.parse(text) as Record<string, unknown>),
  };
  return { logger: createLogger({ level, destination, now }), lines };
}
