import { expect, test } from "vitest";
import {
  createConditionEnvironment,
  isJsonObject,
  SchemaError,
  type JsonObject,
  type NamedCondition,
} from "@package-operator/schema";
import { readVectors } from "./read-vectors.ts";

interface Vector {
  id: string;
  expression: string;
  conditions?: NamedCondition[];
  context: JsonObject;
  result?: boolean;
  errorClass?: string;
  error?: string;
}

/** The context as the render context struct writes it: absent parts are null, optional ones missing. */
function renderContext({ config, images, dependencies, environment, ...rest }: JsonObject): JsonObject {
  const present = Object.entries(isJsonObject(environment) ? environment : {}).filter(
    ([, part]) => part !== null,
  );
  return {
    ...rest,
    config: config ?? null,
    images: images ?? null,
    dependencies: dependencies ?? null,
    environment: { kubernetes: { version: "" }, ...Object.fromEntries(present) },
  };
}

/** Syntax errors carry the wording of Go's parser generator, which cannot be had; the class must agree. */
function comparable(error: string | undefined): string | undefined {
  const syntax = error?.match(/^[^]*?Syntax error:/)?.[0];
  return syntax === undefined ? error : syntax.replace(/<input>:.*/, "");
}

test.each(readVectors<Vector>("cel_render"))(
  "$id",
  ({ expression, conditions = [], context, ...expected }) => {
    let actual: Pick<Vector, "result" | "errorClass" | "error">;
    try {
      actual = {
        result: createConditionEnvironment(renderContext(context), conditions).evaluate(expression),
      };
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      actual = { errorClass: error.code.replace("cel-", ""), error: error.message };
    }
    expect(actual.result).toBe(expected.result);
    expect(actual.errorClass).toBe(expected.errorClass);
    expect(comparable(actual.error)).toBe(comparable(expected.error));
  },
);
