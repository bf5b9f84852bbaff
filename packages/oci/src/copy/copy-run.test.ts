import { expect, test } from "vitest";
import { createCopyRun } from "./copy-run.ts";

test("short transfers go before those that wait, and no more run at a time than allowed", async () => {
  const run = createCopyRun({ concurrency: 2 });
  const order: string[] = [];
  let running = 0;
  let most = 0;
  const start = (name: string, short = false): Promise<void> => {
    const task = async (): Promise<void> => {
      order.push(name);
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    return run.limit(task, { short });
  };
  await Promise.all([start("a"), start("b"), start("c"), start("link 1", true), start("link 2", true)]);
  expect(order).toEqual(["a", "b", "link 1", "link 2", "c"]);
  expect(most).toBe(2);
});

test("a transfer that fails gives its place to the next", async () => {
  const run = createCopyRun({ concurrency: 1 });
  const failed = run.limit(() => Promise.reject(new Error("broken")));
  const next = run.limit(() => Promise.resolve("done"));
  await expect(failed).rejects.toThrow("broken");
  expect(await next).toBe("done");
});
