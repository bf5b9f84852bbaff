import { expect, test } from "vitest";
import { formatQuantity, parseQuantity, quantityMilliValue, quantityValue } from "@package-operator/schema";
import { outcome, readVectors } from "./read-vectors.ts";

interface Vector {
  id: string;
  quantity: string;
  canonical?: string;
  value?: string;
  milliValue?: string;
  sign?: number;
  format?: string;
  error?: string;
}

test.each(readVectors<Vector>("quantity"))("$id", (vector) => {
  const { value: quantity, error } = outcome(() => parseQuantity(vector.quantity));
  expect(error).toBe(vector.error);
  if (quantity === undefined) return;
  expect({
    canonical: formatQuantity(quantity),
    value: String(quantityValue(quantity)),
    milliValue: String(quantityMilliValue(quantity)),
    sign: Number(quantity.nanos > 0n) - Number(quantity.nanos < 0n),
    format: quantity.format,
  }).toEqual({
    canonical: vector.canonical,
    value: vector.value,
    milliValue: vector.milliValue,
    sign: vector.sign,
    format: vector.format,
  });
});
