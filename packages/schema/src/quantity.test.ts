import fc from "fast-check";
import { expect, test } from "vitest";
import {
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityMilliValue,
  quantityValue,
} from "./quantity.ts";

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

test.each([
  ["-999E3", "-999E3", -999_000n, -999_000_000n],
  ["+08.155e-3", "+08.155e-3", 1n, 9n],
  ["1229.n", "1229.n", 1n, 1n],
  ["4595Pi", "4595Pi", 5_173_510_071_941_857_280n, 8_421_731_303_182_827_520n],
  ["+4595Pi", "4595Pi", 5_173_510_071_941_857_280n, 8_421_731_303_182_827_520n],
  ["1000E", "1", 0n, 0n],
  ["-6170e-10", "-617e-9", 1n, 1n],
  ["345678901234567890", "345678901234567890", 345_678_901_234_567_890n, -4_809_236_165_913_590_704n],
  ["-626647655983Ki", "-626647655983Ki", 1_239_621_469n, 1_239_621_468_463n],
])("%s has the oddities of Go's arithmetic", (written, canonical, value, milliValue) => {
  const quantity = parseQuantity(written);
  expect(formatQuantity(quantity)).toBe(canonical);
  expect([quantityValue(quantity), quantityMilliValue(quantity)]).toEqual([value, milliValue]);
});

test.each(["", "-.Ei", "e-19", "1K", "1.2.3", "1e99999", "five", "1 Gi"])("%j is refused", (written) => {
  expect(() => parseQuantity(written)).toThrow(
    expect.objectContaining({ code: "invalid-quantity" }) as Error,
  );
});
