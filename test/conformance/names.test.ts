import { describe, expect, test } from "vitest";
import {
  formatFieldError,
  formatFieldErrors,
  isConfigMapKey,
  isDns1035Label,
  isDns1123Label,
  isDns1123Subdomain,
  isLabelValue,
  isQualifiedName,
  validateAnnotations,
  validateLabels,
} from "@package-operator/schema";
import { readVectors } from "./read-vectors.ts";

const validators: Record<string, (value: string) => string[]> = {
  configmapkey: isConfigMapKey,
  dns1035label: isDns1035Label,
  dns1123label: isDns1123Label,
  dns1123subdomain: isDns1123Subdomain,
  labelvalue: isLabelValue,
  namespacename: isDns1123Label,
  qualifiedname: isQualifiedName,
};

interface NameVector {
  id: string;
  kind: string;
  value: string;
  errors: string[];
}

test.each(readVectors<NameVector>("name_validation"))("$id", ({ kind, value, errors }) => {
  expect(validators[kind]!(value).toSorted()).toEqual(errors.toSorted());
});

interface MetadataVector {
  id: string;
  kind: "labels" | "annotations";
  values: Record<string, string>;
  errors: string[];
  aggregate?: string;
}

describe("metadata", () => {
  test.each(readVectors<MetadataVector>("metadata_validation"))("$id", (vector) => {
    const validate = vector.kind === "labels" ? validateLabels : validateAnnotations;
    const errors = validate(vector.values, `metadata.${vector.kind}`);
    expect(errors.map(formatFieldError).toSorted()).toEqual(vector.errors.toSorted());
    if (vector.aggregate !== undefined) expect(formatFieldErrors(errors)).toBe(vector.aggregate);
  });
});
