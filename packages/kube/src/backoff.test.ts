import { expect, test } from "vitest";
import { createBackoff } from "./backoff.ts";

test("delays double up to the limit and start over after a success", () => {
  const backoff = createBackoff({ random: () => 0, initialMs: 1000, maxMs: 5000 });
  expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([1000, 2000, 4000, 5000, 5000]);
  backoff.reset();
  expect(backoff.next()).toBe(1000);
});

test("jitter stretches a delay up to twice", () => {
  expect(createBackoff({ random: () => 0.5 }).next()).toBe(1200);
});
