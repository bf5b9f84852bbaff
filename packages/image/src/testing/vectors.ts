import { readFileSync } from "node:fs";

/** Reads one file of the conformance vectors: one JSON object a line. */
export function readVectors<T>(name: string): T[] {
  const file = new URL(`../../../../test/conformance/vectors/${name}.jsonl`, import.meta.url);
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as T);
}
