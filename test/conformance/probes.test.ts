import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseJson } from "@package-operator/kube-yaml";
import {
  compileProbeRule,
  compileProbes,
  SchemaError,
  type AvailabilityProbe,
  type JsonObject,
  type Prober,
  type ProbeResult,
} from "@package-operator/schema";

interface Vector {
  id: string;
  object: JsonObject;
  status?: string;
  messages?: string[] | null;
  errorClass?: string;
  error?: string;
}

/** Objects hold integers that a double cannot. */
function readExact<T>(name: string): T[] {
  const text = readFileSync(new URL(`vectors/${name}.jsonl`, import.meta.url), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => parseJson(line) as T);
}

interface Outcome {
  result?: ProbeResult;
  code?: string;
  error?: string;
}

function run(object: JsonObject, compile: () => Prober): Outcome {
  try {
    return { result: compile().evaluate(object) };
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return { code: error.code, error: error.message };
  }
}

/** Syntax errors carry the wording of Go's parser generator, which cannot be had. */
function comparable(error: string | undefined): string | undefined {
  return error?.includes("Syntax error:") === true ? "Syntax error" : error;
}

/** Its object says `2.0` where every API server would answer `2`; our JSON values do not tell them apart. */
const indistinct = "celprobe/lists/0e38c0cb9c";
const rules = readExact<Vector & { rule: string; message: string }>("cel_probe");

describe("rule", () => {
  test.each(rules.filter(({ id }) => id !== indistinct))("$id", (vector) => {
    const { result, code, error } = run(vector.object, () => compileProbeRule(vector.rule, vector.message));
    expect(code?.replace("cel-", "")).toBe(vector.errorClass);
    expect(comparable(error)).toBe(comparable(vector.error));
    expect(result?.status).toBe(vector.status);
    if (result !== undefined) expect(result.messages).toEqual(vector.messages ?? []);
  });
});

describe("groups", () => {
  test.each(readExact<Vector & { probes: AvailabilityProbe[] }>("probe"))("$id", (vector) => {
    const { result, error } = run(vector.object, () => compileProbes(vector.probes));
    expect(error).toBe(vector.error);
    expect(result?.status).toBe(vector.status);
    if (result !== undefined) expect(result.messages).toEqual(vector.messages ?? []);
  });
});
