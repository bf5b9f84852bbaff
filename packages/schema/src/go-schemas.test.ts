import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { admitObject } from "./admit.ts";
import { SchemaError } from "./errors.ts";
import { formatFieldError } from "./field-error.ts";
import type { JsonSchema } from "./json-schema.ts";
import type { JsonObject } from "./json-value.ts";
import { validateStructural } from "./structural.ts";

interface Answer {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly errors: readonly string[];
}

interface Answers {
  readonly schemas: readonly Answer[];
  readonly admissions: readonly (Answer & { readonly config: JsonObject })[];
}

const answers = JSON.parse(
  readFileSync(new URL("testdata/go-schemas.json", import.meta.url), "utf8"),
) as Answers;

describe("schemas as Go checks them", () => {
  test.each(answers.schemas)("$name", ({ schema, errors }) => {
    const found = validateStructural(schema, "spec.config.openAPIV3Schema").map(formatFieldError);
    expect(found.toSorted()).toEqual(errors.toSorted());
  });
});

describe("configurations as Go admits them", () => {
  test.each(answers.admissions)("$name", ({ schema, config, errors }) => {
    let found: string[];
    try {
      found = admitObject(schema, structuredClone(config), "spec.config").map(formatFieldError);
    } catch (error) {
      expect(error).toBeInstanceOf(SchemaError);
      found = [(error as SchemaError).message];
    }
    expect(found.toSorted()).toEqual(errors.toSorted());
  });

  test("integers of a default are plain numbers again afterwards", () => {
    const config = {};
    admitObject(
      { type: "object", properties: { a: { type: "array", items: { type: "integer" }, default: [1, 2] } } },
      config,
      "spec.config",
    );
    expect(config).toStrictEqual({ a: [1, 2] });
  });
});
