import { createLogger } from "@package-operator/controller";
import { KubeError, systemClock } from "@package-operator/kube";
import { expect, test } from "vitest";
import { at } from "../errors.ts";
import { isUnreachable, outlast } from "./outlast.ts";

const down = new KubeError("Unreachable", "connect ECONNREFUSED");
const log: string[] = [];
const logger = createLogger({
  level: 0,
  destination: { write: (text) => void log.push(text) },
  now: Date.now,
});

/** Fails with these, one after the other, and then succeeds; `slept` is how long was waited in all. */
async function run(...failures: Error[]): Promise<{ slept: number; attempts: number; error?: unknown }> {
  let [slept, attempts] = [0, 0];
  const clock = { ...systemClock, sleep: async (ms: number) => void (slept += ms) };
  const work = async () => {
    const failure = failures[attempts++];
    if (failure) throw failure;
  };
  try {
    await outlast(work, { logger, clock });
    return { slept, attempts };
  } catch (error) {
    return { slept, attempts, error };
  }
}

test("waits for an API server that restarts", async () => {
  expect(await run(at("bootstrap", "fix", down), down)).toEqual({ attempts: 3, slept: 10_000 });
  expect(log.join("")).toContain("ECONNREFUSED");
});

test("gives up after five minutes", async () => {
  const { slept, error } = await run(...Array.from({ length: 100 }, () => down));
  expect(error).toBe(down);
  expect(slept).toBeGreaterThan(290_000);
  expect(slept).toBeLessThan(310_000);
});

test("does not repeat what fails for another reason", async () => {
  const refused = new KubeError("ApiStatus", "forbidden", { status: { code: 403 } });
  expect(await run(refused)).toEqual({ attempts: 1, slept: 0, error: refused });
});

test.each([
  [new KubeError("ApiStatus", "shutting down", { status: { code: 503 } }), true],
  [new KubeError("ApiStatus", "no", { status: { code: 409 } }), false],
  [new KubeError("InvalidConfig", "no token"), false],
  [new Error("outer", { cause: down }), true],
  [new Error("alone"), false],
  ["text", false],
])("%s: %s", (error, expected) => {
  expect(isUnreachable(error)).toBe(expected);
});
