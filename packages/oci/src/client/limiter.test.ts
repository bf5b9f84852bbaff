import { expect, test } from "vitest";
import { createTestTiming } from "../testing/test-timing.ts";
import { createLimiter } from "./limiter.ts";

function start(max: number) {
  const changes: number[] = [];
  const timing = createTestTiming();
  const limiter = createLimiter({ max, timing, onChange: (limit) => void changes.push(limit) });
  return { limiter, changes, timing };
}

test("no more run than the bound, and those who wait come in order", async () => {
  const { limiter } = start(2);
  const first = await limiter.acquire(undefined);
  await limiter.acquire(undefined);
  const order: string[] = [];
  const waiting = ["a", "b"].map(async (name) => {
    const done = await limiter.acquire(undefined);
    order.push(name);
    done();
  });
  expect(order).toEqual([]);
  first();
  await Promise.all(waiting);
  expect(order).toEqual(["a", "b"]);
});

test("giving a slot back twice gives back one", async () => {
  const { limiter } = start(1);
  const done = await limiter.acquire(undefined);
  done();
  done();
  await limiter.acquire(undefined);
  const stop = new AbortController();
  const third = limiter.acquire(stop.signal);
  stop.abort(new Error("still full"));
  await expect(third).rejects.toThrow("still full");
});

test("one refusal halves the bound once, however many requests it hit", async () => {
  const { limiter, changes } = start(8);
  const marks = await Promise.all([1, 2, 3].map(() => limiter.ready(undefined)));
  for (const mark of marks) limiter.slowDown(mark, 0);
  expect(limiter.limit).toBe(4);
  limiter.slowDown(await limiter.ready(undefined), 0);
  expect(limiter.limit).toBe(2);
  expect(changes).toEqual([4, 2]);
});

test("never below one, and back up with success", async () => {
  const { limiter } = start(3);
  for (let count = 0; count < 5; count++) limiter.slowDown(await limiter.ready(undefined), 0);
  expect(limiter.limit).toBe(1);
  limiter.succeeded();
  expect(limiter.limit).toBe(2);
  limiter.succeeded();
  expect(limiter.limit).toBe(2);
  limiter.succeeded();
  expect(limiter.limit).toBe(3);
  for (let count = 0; count < 10; count++) limiter.succeeded();
  expect(limiter.limit).toBe(3);
});

test("a pause holds everybody until it is over", async () => {
  const { limiter, timing } = start(4);
  limiter.slowDown(await limiter.ready(undefined), 5000);
  await limiter.ready(undefined);
  expect(timing.waits).toEqual([5000]);
  await limiter.ready(undefined);
  expect(timing.waits).toEqual([5000]);
});
