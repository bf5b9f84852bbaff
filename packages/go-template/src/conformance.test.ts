import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { packageFunctions, Template, TemplateError } from "./index.ts";
import type { TemplateData } from "./index.ts";

interface Vector {
  readonly id: string;
  readonly template?: string;
  readonly template_b64?: string;
  readonly context: TemplateData;
  readonly output?: string;
  readonly output_b64?: string;
  readonly error?: string;
  readonly phase?: "parse" | "exec";
}

const file = new URL("../../../test/conformance/vectors/template.jsonl", import.meta.url);
const vectors = readFileSync(file, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Vector);

function render(vector: Vector): Pick<Vector, "output_b64" | "error" | "phase"> {
  const text = vector.template ?? Buffer.from(vector.template_b64 ?? "", "base64");
  try {
    const template = new Template({ functions: packageFunctions(), missingKey: "error" }).parse("", text);
    return { output_b64: Buffer.from(template.executeBytes("", vector.context)).toString("base64") };
  } catch (error) {
    if (!(error instanceof TemplateError) || error.code === "limit") throw error;
    return { error: error.message, phase: error.code };
  }
}

function expected(vector: Vector): Pick<Vector, "output_b64" | "error" | "phase"> {
  if (vector.error !== undefined) return { error: vector.error, phase: vector.phase ?? "exec" };
  return { output_b64: vector.output_b64 ?? Buffer.from(vector.output ?? "").toString("base64") };
}

test.for(vectors)("$id", (vector) => {
  expect(render(vector)).toEqual(expected(vector));
});
