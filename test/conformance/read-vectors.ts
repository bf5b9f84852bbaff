import { readFileSync } from "node:fs";
import path from "node:path";

/** The lines of one vector file; a line without answer (`panic`) is left out. */
export function readVectors<T extends { id: string }>(name: string): T[] {
  const file = path.join(import.meta.dirname, "vectors", `${name}.jsonl`);
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T & { panic?: string })
    .filter((line) => line.panic === undefined);
}

/** What a call gave: its value, or the message of what it threw. */
export function outcome<T>(call: () => T): { value?: T; error?: string } {
  try {
    return { value: call() };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
