import { createManualClock } from "@package-operator/kube";
import { describe, expect, test, vi } from "vitest";
import { type ControllerOptions, createController, type ReconcileOutcome } from "./controller.ts";
import { terminalError } from "./errors.ts";
import type { Source } from "./source.ts";
import { collectLogs } from "./testing/log-lines.ts";
import { eventually } from "./testing/eventually.ts";

/** A running controller with the clock, outcomes and logs of its work. */
function start(options: Partial<ControllerOptions> & Pick<ControllerOptions, "reconcile">) {
  const clock = createManualClock();
  const { logger, lines } = collectLogs(-1);
  const outcomes: ReconcileOutcome[] = [];
  const controller = createController({
    name: "thing",
    sources: [],
    logger,
    clock,
    observer: {
      started: () => undefined,
      finished: (outcome) => outcomes.push(outcome),
      queue: {
        added: () => undefined,
        retried: () => undefined,
        started: () => undefined,
        finished: () => undefined,
      },
      register: () => undefined,
    },
    ...options,
  });
  const stop = new AbortController();
  const hardStop = new AbortController();
  const running = controller.run({ signal: stop.signal, hardStop: hardStop.signal });
  return { clock, lines, outcomes, controller, stop, hardStop, running };
}

describe("a controller", () => {
  test("reconciles what its sources give, each key by itself", async () => {
    const seen: string[] = [];
    let stopped = false;
    const source: Source = {
      start(enqueue) {
        enqueue("ns/a");
        enqueue("ns/b");
        return { ready: Promise.resolve(), stop: () => (stopped = true) };
      },
    };
    const { stop, running } = start({ sources: [source], reconcile: async (key) => void seen.push(key) });
    await eventually(() => expect(seen).toEqual(["ns/a", "ns/b"]));
    stop.abort();
    await running;
    expect(stopped).toBe(true);
  });

  test("retries errors with back-off, logs them with the object, and starts over after a success", async () => {
    let failing = true;
    const reconcile = async () => {
      if (failing) throw new Error("broken");
    };
    const { controller, clock, outcomes, lines, stop, running } = start({ reconcile });
    controller.enqueue("ns/a");
    for (const delay of [5, 10, 20]) {
      await eventually(() => expect(clock.pending()).toEqual([delay]));
      if (delay === 20) failing = false;
      await clock.advance(delay);
    }
    expect(outcomes).toEqual(["error", "error", "error", "success"]);
    expect(lines[0]).toMatchObject({
      level: "error",
      msg: "Reconciler error",
      controller: "thing",
      namespace: "ns",
      name: "a",
      error: "broken",
      reconcileID: expect.any(String),
    });
    failing = true;
    controller.enqueue("ns/a");
    await eventually(() => expect(clock.pending()).toEqual([5]));
    stop.abort();
    await running;
  });

  test("contains what is thrown before the first await", async () => {
    const reconcile = vi.fn<ControllerOptions["reconcile"]>(() => {
      throw new TypeError("undefined is not a function");
    });
    const { controller, outcomes, stop, running } = start({ reconcile });
    controller.enqueue("a");
    await eventually(() => expect(outcomes).toEqual(["error"]));
    stop.abort();
    await running;
  });

  test("does not retry terminal errors", async () => {
    const { controller, clock, outcomes, lines, stop, running } = start({
      reconcile: async () => {
        throw terminalError(new Error("never"));
      },
    });
    controller.enqueue("a");
    await eventually(() => expect(outcomes).toEqual(["error"]));
    expect(clock.pending()).toEqual([]);
    expect(lines[0]).toMatchObject({ error: "never" });
    stop.abort();
    await running;
  });

  test("comes back when asked to", async () => {
    let runs = 0;
    const reconcile = async () => (++runs === 1 ? { requeueAfterMs: 30_000 } : undefined);
    const { controller, clock, outcomes, stop, running } = start({ reconcile });
    controller.enqueue("a");
    await eventually(() => expect(clock.pending()).toEqual([30_000]));
    await clock.advance(30_000);
    expect(outcomes).toEqual(["requeue_after", "success"]);
    stop.abort();
    await running;
  });

  test("works on as many keys at once as it has workers, never on one twice", async () => {
    const open = new Map<string, () => void>();
    const reconcile = (key: string) =>
      new Promise<void>((resolve) => {
        expect(open.has(key)).toBe(false);
        open.set(key, resolve);
      });
    const { controller, stop, running } = start({ workers: 2, reconcile });
    for (const key of ["a", "b", "c", "a"]) controller.enqueue(key);
    await eventually(() => expect([...open.keys()]).toEqual(["a", "b"]));
    controller.enqueue("a");
    open.get("b")!();
    await eventually(() => expect(open.has("c")).toBe(true));
    stop.abort();
    for (const finish of open.values()) finish();
    await running;
  });

  test("finishes the object under way when it is stopped, and starts no other", async () => {
    const seen: string[] = [];
    let finish: (() => void) | undefined;
    const { controller, stop, running } = start({
      reconcile: async (key) => {
        await new Promise<void>((resolve) => (finish = resolve));
        seen.push(key);
      },
    });
    controller.enqueue("a");
    controller.enqueue("b");
    await eventually(() => expect(finish).toBeDefined());
    stop.abort();
    finish!();
    await running;
    expect(seen).toEqual(["a"]);
  });

  test("gives up when its sources do not become ready in time", async () => {
    const source: Source = { start: () => ({ ready: new Promise(() => undefined), stop: () => undefined }) };
    const { clock, running } = start({ sources: [source], reconcile: async () => undefined });
    const [outcome] = await Promise.allSettled([running, clock.advance(120_000)]);
    expect(outcome).toMatchObject({ status: "rejected", reason: { code: "CacheSyncTimeout" } });
  });

  test("stops while its sources are not ready", async () => {
    const source: Source = { start: () => ({ ready: new Promise(() => undefined), stop: () => undefined }) };
    const { stop, running, clock } = start({ sources: [source], reconcile: async () => undefined });
    stop.abort();
    await running;
    expect(clock.pending()).toEqual([]);
  });
});
