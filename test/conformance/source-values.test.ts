import { copySourceValues } from "@package-operator/manager";
import type { JsonObject } from "@package-operator/kube-yaml";
import { describe, expect, test } from "vitest";
import { readVectors } from "./read-vectors.ts";

interface SourceVector {
  id: string;
  items: { key: string; destination: string }[];
  object: JsonObject;
  config?: JsonObject;
  error?: string;
}

const vectors = readVectors<SourceVector>("source_jsonpath");

describe("values are taken from sources as the Go operator does", () => {
  test.each(vectors)("$id", ({ items, object, config, error }) => {
    const values: JsonObject = {};
    const copy = () => copySourceValues(items, object, values);
    if (error === undefined) {
      copy();
      expect(values).toEqual(config);
    } else {
      expect(copy).toThrowError(expect.objectContaining({ message: error }) as Error);
    }
  });
});
