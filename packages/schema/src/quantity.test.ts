import fc from "fast-check";
import { expect, test } from "vitest";
import { compareQuantities, parseQuantity, quantityMilliValue, quantityValue } from "./quantity.ts";

const suffix = fc.constantFrom("", "n", "u", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "e-3");
const text = fc
  .tuple(fc.integer({ min: -9999, max: 9999 }), suffix)
  .map(([number, unit]) => `${number}${unit}`);

test("the canonical text is the same quantity and canonical itself", () => {
  fc.assert(
    fc.property(text, (written) => {
      const quantity = parseQuantity(written);
      const again = parseQuantity(quantity.text);
      expect(compareQuantities(quantity, again)).toBe(0);
      expect(again.text).toBe(quantity.text);
    }),
  );
});

test("thousandths and units agree, both rounded away from zero", () => {
  fc.assert(
    fc.property(text, (written) => {
      const quantity = parseQuantity(written);
      const [units, thousandths] = [quantityValue(quantity), quantityMilliValue(quantity)];
      const rounded = (thousandths + (thousandths < 0n ? -999n : 999n)) / 1000n;
      expect(units).toBe(rounded);
    }),
  );
});

test.each(["", "1K", "1.2.3", "1e99999", "five", "1 Gi"])("%j is refused", (written) => {
  expect(() => parseQuantity(written)).toThrow(
    expect.objectContaining({ code: "invalid-quantity" }) as Error,
  );
});
