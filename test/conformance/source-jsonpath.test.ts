import { expect, test } from "vitest";
import { copySourceItems, type JsonObject, type SourceItem } from "@package-operator/schema";
import { outcome, readVectors } from "./read-vectors.ts";

interface Vector {
  id: string;
  items: SourceItem[];
  object: JsonObject;
  config?: JsonObject;
  error?: string;
}

test.each(readVectors<Vector>("source_jsonpath"))("$id", ({ items, object, ...expected }) => {
  const { value: config, error } = outcome(() => {
    const copied: JsonObject = {};
    copySourceItems(items, object, copied);
    return copied;
  });
  expect(error).toBe(expected.error);
  expect(config).toEqual(expected.config);
});
