import { describe, expect, test } from "vitest";
import {
  admitObject,
  formatFieldError,
  formatFieldErrors,
  validateStructural,
  type JsonObject,
  type JsonSchema,
} from "@package-operator/schema";
import { outcome, readVectors } from "./read-vectors.ts";

interface SchemaVector {
  id: string;
  schema: JsonSchema;
  errors: string[];
}

describe("schema", () => {
  test.each(readVectors<SchemaVector>("config_schema"))("$id", ({ schema, errors }) => {
    const found = validateStructural(schema, "spec.config.openAPIV3Schema");
    expect(found.map(formatFieldError).toSorted()).toEqual(errors.toSorted());
  });
});

interface AdmitVector {
  id: string;
  schema: JsonSchema | null;
  config: JsonObject;
  admitted: JsonObject;
  errors?: string[];
  aggregate?: string;
  error?: string;
}

describe("admit", () => {
  test.each(readVectors<AdmitVector>("config_admit"))("$id", (vector) => {
    const config = structuredClone(vector.config);
    const { value, error } = outcome(() => admitObject(vector.schema ?? undefined, config, "spec.config"));
    expect(error).toBe(vector.error);
    expect(config).toEqual(vector.admitted);
    if (value === undefined) return;
    expect(value.map(formatFieldError).toSorted()).toEqual(vector.errors!.toSorted());
    if (vector.aggregate !== undefined) expect(formatFieldErrors(value)).toBe(vector.aggregate);
  });
});
