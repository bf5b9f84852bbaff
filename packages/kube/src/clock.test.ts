import { describe, expect, test } from "vitest";
import { type Clock, systemClock } from "./clock.ts";
import { createManualClock } from "./manual-clock.ts";

describe("the system clock", () => {
  test("tells the time", () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000);
    const before = systemClock.monotonic();
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(before);
  });

  test("wakes sleepers", async () => {
    await expect(systemClock.sleep(1)).resolves.toBeUndefined();
  });
});

describe.each<[string, Clock]>([
  ["system", systemClock],
  ["manual", createManualClock()],
])("a sleep of the %s clock", (_, clock) => {
  test("ends with the reason of its signal, at once when that was aborted before", async () => {
    const abort = new AbortController();
    // Longer than Node's timers can wait, which must not make them fire at once.
    const sleeping = clock.sleep(2 ** 40, { signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(sleeping).rejects.toThrow("enough");
    await expect(clock.sleep(1, { signal: abort.signal })).rejects.toThrow("enough");
  });
});

test("a manual clock wakes sleepers in their order, with time to act in between", async () => {
  const clock = createManualClock(0);
  const journal: string[] = [];
  const act = async (name: string, ms: number) => {
    await clock.sleep(ms);
    journal.push(`${name} ${clock.now()}`);
  };
  void act("late", 20);
  void act("early", 10);
  void act("first", 8).then(() => act("again", 7));
  await clock.advance(19);
  expect(journal).toEqual(["first 8", "early 10", "again 15"]);
  expect(clock.pending()).toEqual([1]);
  await clock.advance(1);
  expect(journal.at(-1)).toBe("late 20");
  clock.setWallClock(1000);
  expect([clock.now(), clock.monotonic()]).toEqual([1000, 20]);
});
