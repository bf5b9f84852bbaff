import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatFloat } from "./float.ts";

describe("formats", () => {
  test.for([
    [999_999.5, "g", -1, "999999.5"],
    [1e6, "g", -1, "1e+06"],
    [0.0001, "g", -1, "0.0001"],
    [0.000099, "g", -1, "9.9e-05"],
    [-0, "g", -1, "-0"],
    [0.5, "f", 0, "0"],
    [1.5, "f", 0, "2"],
    [2.5, "f", 0, "2"],
    [0.125, "f", 2, "0.12"],
    [1234.5678, "e", 6, "1.234568e+03"],
    [9.99, "e", 1, "1.0e+01"],
    [1e21, "f", -1, "1000000000000000000000"],
    [100, "g", 2, "1e+02"],
    [0, "e", 2, "0.00e+00"],
    [1, "x", -1, "0x1p+00"],
    [1.9375, "x", 0, "0x1p+01"],
    [5e-324, "x", -1, "0x1p-1074"],
    [1.5, "b", -1, "6755399441055744p-52"],
    [Infinity, "g", -1, "+Inf"],
  ] as const)("%s %s %s", ([value, format, precision, text]) => {
    expect(formatFloat(value, format, precision)).toBe(text);
  });
});

test("the shortest digits read back as the same float", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      for (const format of ["e", "f", "g"] as const) {
        expect(Number(formatFloat(value, format, -1))).toBe(value);
      }
    }),
  );
});

test("enough digits read back as the same float", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Number(formatFloat(value, "e", 16))).toBe(value);
      expect(Number(formatFloat(value, "g", 17))).toBe(value);
    }),
  );
});
