import { readFileSync } from "node:fs";
import { decodeYaml, encodeJson, encodeYaml, splitDocuments } from "@package-operator/kube-yaml";
import { describe, expect, test } from "vitest";

interface Vector {
  readonly id: string;
  readonly json?: unknown;
  readonly yaml?: string;
  readonly yaml_b64?: string;
  readonly yamlToJson?: string;
  readonly text?: string;
  readonly documents?: readonly string[];
  readonly error?: string;
}

/** `decodeYaml` also tells where; the Go texts these vectors hold are part of its messages. */
function outcome(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return `error: ${(error as Error).message}`;
  }
}

function vectors(name: string): readonly Vector[] {
  const text = readFileSync(new URL(`vectors/${name}.jsonl`, import.meta.url), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Vector);
}

describe("yaml_marshal", () => {
  test.each(vectors("yaml_marshal"))("$id", ({ json, yaml, error }) => {
    const actual = outcome(() => encodeYaml(json));
    expect(actual).toBe(error === undefined ? yaml : `error: ${error}`);
  });
});

describe("yaml_unmarshal", () => {
  test.each(vectors("yaml_unmarshal"))("$id", ({ yaml, yaml_b64, yamlToJson, error }) => {
    const input = yaml ?? Buffer.from(yaml_b64 ?? "", "base64");
    const actual = outcome(() => encodeJson(decodeYaml(input)));
    expect(actual).toBe(error === undefined ? yamlToJson : `error: ${error}`);
  });
});

describe("yaml_split", () => {
  test.each(vectors("yaml_split"))("$id", ({ text, documents }) => {
    expect(splitDocuments(text ?? "")).toEqual(documents);
  });
});
