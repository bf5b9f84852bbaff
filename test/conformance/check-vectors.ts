import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { isJsonObject, type JsonObject, parseJson } from "@package-operator/kube-yaml";
import { parseMarkedJson } from "./parse-marked.ts";
import { celSets } from "./sets/cel.ts";
import { hashSets } from "./sets/hash.ts";
import { imageSets } from "./sets/image.ts";
import { packageSets } from "./sets/packages.ts";
import { schemaSets } from "./sets/schema.ts";
import { semverSets } from "./sets/semver.ts";
import { templateSets } from "./sets/template.ts";
import { yamlSets } from "./sets/yaml.ts";
import type { Comparison, VectorSet } from "./vector-set.ts";

const sets: Readonly<Record<string, VectorSet>> = {
  ...celSets,
  ...hashSets,
  ...imageSets,
  ...packageSets,
  ...schemaSets,
  ...semverSets,
  ...templateSets,
  ...yamlSets,
};

/** One vector that was checked. */
export interface CheckedVector extends Comparison {
  readonly id: string;
  readonly passed: boolean;
}

/** The names of the vector files in a folder, without their ending. */
export async function listVectorFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names
    .flatMap((name) => (name.endsWith(".jsonl") ? [name.slice(0, -".jsonl".length)] : []))
    .toSorted();
}

/**
 * Checks every line of one vector file. A line on which Go itself panicked passes when our code ends at all.
 * @throws Error for a file whose name is no known set.
 */
export async function checkVectorFile(folder: string, name: string): Promise<CheckedVector[]> {
  const set = Object.hasOwn(sets, name) ? sets[name] : undefined;
  if (set === undefined) throw new Error(`${name}.jsonl: there is no code that runs these vectors`);
  const text = await readFile(path.join(folder, `${name}.jsonl`), "utf8");
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => checkVector(set, readVector(line, set.numbers)));
}

const readers: Readonly<Record<VectorSet["numbers"], (text: string) => unknown>> = {
  exact: parseJson,
  marked: parseMarkedJson,
  double: JSON.parse,
};

function readVector(line: string, numbers: VectorSet["numbers"]): JsonObject {
  const value: unknown = readers[numbers](line);
  if (!isJsonObject(value)) throw new Error(`a vector is no JSON object: ${line.slice(0, 80)}`);
  return value;
}

function checkVector(set: VectorSet, vector: JsonObject): CheckedVector {
  const id = typeof vector["id"] === "string" ? vector["id"] : "a line without id";
  let comparison: Comparison;
  try {
    comparison = set.check(vector);
  } catch (error) {
    // A crash of ours is a difference like any other, except where Go crashed too.
    const actual = { crashed: error instanceof Error ? error.message : String(error) };
    comparison = { expected: "an answer", actual };
  }
  const passed =
    vector["panic"] !== undefined || isDeepStrictEqual(plain(comparison.actual), plain(comparison.expected));
  return { id, passed, ...comparison };
}

/** Undefined members and prototypes say nothing in JSON. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => (member === undefined ? [] : [[key, plain(member)]])),
  );
}
