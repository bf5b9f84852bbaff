import { createManualClock } from "@package-operator/kube";
import { describe, expect, test } from "vitest";
import { createWorkQueue, type QueueObserver } from "./work-queue.ts";

function setUp(observer?: QueueObserver) {
  const clock = createManualClock();
  return { clock, queue: createWorkQueue({ clock, observer }) };
}

type Queue = ReturnType<typeof setUp>["queue"];

/** Takes what is ready, one after another, giving each back. */
async function drain(queue: Queue): Promise<string[]> {
  const keys: string[] = [];
  while (queue.stats().depth > 0) {
    const key = await queue.take();
    if (key === undefined) break;
    keys.push(key);
    queue.done(key);
  }
  return keys;
}

describe("a work queue", () => {
  test("holds each key once, in order", async () => {
    const { queue } = setUp();
    for (const key of ["a", "b", "a", "c", "b"]) queue.add(key);
    expect(queue.stats().depth).toBe(3);
    expect(await drain(queue)).toEqual(["a", "b", "c"]);
  });

  test("gives a waiting taker the next key", async () => {
    const { queue } = setUp();
    const taken = queue.take();
    queue.add("a");
    expect(await taken).toBe("a");
  });

  test("never hands out a key twice at once, but again after it is done", async () => {
    const { queue } = setUp();
    queue.add("a");
    await queue.take();
    queue.add("a");
    queue.add("a", { priority: "periodic" });
    expect(queue.stats().depth).toBe(0);
    queue.done("a");
    expect(await drain(queue)).toEqual(["a"]);
  });

  test("takes fresh keys before periodic ones, and promotes a key that becomes fresh", async () => {
    const { queue } = setUp();
    for (const key of ["p1", "p2", "p3"]) queue.add(key, { priority: "periodic" });
    queue.add("f");
    queue.add("p3");
    queue.add("f", { priority: "periodic" });
    expect(await drain(queue)).toEqual(["f", "p3", "p1", "p2"]);
  });

  test("does not let fresh work starve periodic work", async () => {
    const { queue } = setUp();
    queue.add("p", { priority: "periodic" });
    for (let index = 0; index < 50; index++) queue.add(`f${index}`);
    expect((await drain(queue)).indexOf("p")).toBe(20);
  });

  test("wakes a key after its time; a later wish replaces an earlier one", async () => {
    const { queue, clock } = setUp();
    queue.addAfter("a", 1000);
    queue.addAfter("a", 3000);
    await clock.advance(2999);
    expect(queue.stats().depth).toBe(0);
    await clock.advance(1);
    expect(await drain(queue)).toEqual(["a"]);
    expect(clock.pending()).toEqual([]);
  });

  test("forgets a planned wake-up when the key is worked on anyway", async () => {
    const { queue, clock } = setUp();
    queue.addAfter("a", 1000);
    queue.add("a");
    await drain(queue);
    expect(clock.pending()).toEqual([]);
  });

  test("doubles the delay of a failing key from 5 ms to 1000 s, and starts over when it is forgotten", async () => {
    const { queue, clock } = setUp();
    const delays: number[] = [];
    for (let attempt = 0; attempt < 20; attempt++) {
      queue.retry("a");
      const [delay = 0] = clock.pending();
      delays.push(delay);
      await clock.advance(delay);
      await drain(queue);
    }
    expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(delays.slice(-2)).toEqual([1_000_000, 1_000_000]);
    queue.forget("a");
    queue.retry("a");
    queue.retry("b");
    expect(clock.pending()).toEqual([5, 5]);
  });

  test("a jump of the wall clock changes no delay", async () => {
    const { queue, clock } = setUp();
    queue.addAfter("a", 1000);
    clock.setWallClock(0);
    await clock.advance(1000);
    expect(await drain(queue)).toEqual(["a"]);
  });

  test("ends its takers when closed, and takes nothing more", async () => {
    const { queue, clock } = setUp();
    const taken = queue.take();
    queue.addAfter("a", 5);
    queue.close();
    expect(await taken).toBeUndefined();
    queue.add("b");
    queue.retry("c");
    expect(await queue.take()).toBeUndefined();
    expect(clock.pending()).toEqual([]);
  });

  test("tells what it does", async () => {
    const seen: unknown[] = [];
    const { queue, clock } = setUp({
      added: () => seen.push("added"),
      retried: () => seen.push("retried"),
      started: (ms) => seen.push(["started", ms]),
      finished: (ms) => seen.push(["finished", ms]),
    });
    queue.add("a");
    await clock.advance(10);
    await queue.take();
    await clock.advance(20);
    expect(queue.stats()).toEqual({ depth: 0, unfinishedMs: 20, longestRunningMs: 20 });
    queue.done("a");
    queue.retry("a");
    expect(seen).toEqual(["added", ["started", 10], ["finished", 20], "retried"]);
  });

  test("done of a key that is not being worked on does nothing", () => {
    const { queue } = setUp();
    queue.done("a");
    expect(queue.stats().depth).toBe(0);
  });
});
