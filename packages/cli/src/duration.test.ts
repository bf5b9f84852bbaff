import { expect, test } from "vitest";
import { durationFlag, formatDuration, parseDuration } from "./duration.ts";

test.each([
  ["1m0s", 60_000],
  ["90s", 90_000],
  ["1h2m3.5s", 3_723_500],
  ["250ms", 250],
  ["0", 0],
])("%s", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
  expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
});

test.each(["", "5", "1d", "-1s", "1m 2s"])("%j is none", (text) => {
  expect(() => durationFlag("", "1s").accept(text, "", true)).toThrow("invalid duration");
});

test("in Go's form", () => {
  expect([60_000, 90_500, 3_600_000, 20, 0].map(formatDuration)).toEqual([
    "1m0s",
    "1m30.5s",
    "1h0m0s",
    "20ms",
    "0s",
  ]);
});
