import { createManualClock, type ManualClock } from "@package-operator/kube";
import { beforeEach, describe, expect, test } from "vitest";
import { type Controller, createController } from "./controller.ts";
import { ControllerError } from "./errors.ts";
import type { LeaderElector } from "./leader-election.ts";
import { type ManagerOptions, runManager } from "./manager.ts";
import { collectLogs } from "./testing/log-lines.ts";
import { eventually } from "./testing/eventually.ts";

let clock: ManualClock;
let journal: string[];
let stop: AbortController;

beforeEach(() => {
  clock = createManualClock();
  journal = [];
  stop = new AbortController();
});

const closable = (name: string) => ({
  async close() {
    journal.push(`close ${name}`);
  },
});

function elector(): LeaderElector & { lose: () => void } {
  let lose: () => void = () => undefined;
  return {
    lose: () => lose(),
    async acquire() {
      journal.push("acquire");
      const lost = new Promise<never>((_, reject) => {
        lose = () => reject(new ControllerError("LeaderElectionLost", "leader election lost"));
      });
      return { lost, release: async () => void journal.push("release") };
    },
  };
}

/** A controller whose one reconcile lasts until told. */
function slowController(): { controller: Controller; finish: () => void; signal: () => AbortSignal } {
  let finish: () => void = () => undefined;
  let seen: AbortSignal | undefined;
  const controller = createController({
    name: "slow",
    clock,
    logger: collectLogs().logger,
    sources: [
      {
        start(enqueue) {
          enqueue("a");
          return { ready: Promise.resolve(), stop: () => undefined };
        },
      },
    ],
    async reconcile(_, { signal }) {
      seen = signal;
      journal.push("reconcile begins");
      await new Promise<void>((resolve) => (finish = resolve));
      journal.push("reconcile ends");
    },
  });
  return { controller, finish: () => finish(), signal: () => seen ?? AbortSignal.abort() };
}

function run(options: Partial<ManagerOptions>): Promise<void> {
  return runManager({
    signal: stop.signal,
    logger: collectLogs().logger,
    clock,
    controllers: [],
    ...options,
  });
}

async function reached(entry: string): Promise<void> {
  await eventually(() => expect(journal).toContain(entry));
}

describe("runManager", () => {
  test("starts listeners, caches, election, work in this order, and ends them in a clean stop", async () => {
    const { controller, finish } = slowController();
    let fill: () => void = () => undefined;
    const running = run({
      async listen() {
        journal.push("listen");
        return [closable("listener")];
      },
      caches: [{ ...closable("cache"), synced: new Promise((resolve) => (fill = resolve)) }],
      tasks: [async () => void journal.push("task")],
      leaderTasks: [async () => void journal.push("leader task")],
      leaderElector: elector(),
      controllers: [controller],
    });
    await reached("task");
    expect(journal).toEqual(["listen", "task"]);
    fill();
    await reached("reconcile begins");
    stop.abort();
    await eventually(() => expect(clock.pending()).toEqual([30_000]));
    expect(journal).not.toContain("release");
    finish();
    await running;
    expect(journal).toEqual([
      "listen",
      "task",
      "acquire",
      "leader task",
      "reconcile begins",
      "reconcile ends",
      "release",
      "close cache",
      "close listener",
    ]);
    expect(clock.pending()).toEqual([]);
  });

  test("gives up work that outlasts the grace period", async () => {
    const { controller, signal } = slowController();
    const running = run({ controllers: [controller] });
    await reached("reconcile begins");
    expect(signal().aborted).toBe(false);
    stop.abort();
    await eventually(() => expect(clock.pending()).toEqual([30_000]));
    const [outcome] = await Promise.allSettled([running, clock.advance(30_000)]);
    expect(outcome).toMatchObject({ reason: { code: "ShutdownTimeout" } });
    expect(signal().aborted).toBe(true);
  });

  test("ends at once when leadership is lost, without waiting for work under way", async () => {
    const { controller, signal } = slowController();
    const leaderElector = elector();
    const running = run({ controllers: [controller], leaderElector });
    await reached("reconcile begins");
    leaderElector.lose();
    await expect(running).rejects.toMatchObject({ code: "LeaderElectionLost" });
    expect(signal().aborted).toBe(true);
  });

  test("a failing task stops everything, and is the error", async () => {
    const failing = run({
      tasks: [() => Promise.reject(new Error("task failed"))],
      leaderElector: elector(),
      listen: async () => [closable("listener")],
    });
    await expect(failing).rejects.toThrow("task failed");
    expect(journal).toContain("close listener");
  });

  test("a listener that cannot listen is the error", async () => {
    await expect(run({ listen: () => Promise.reject(new Error("port taken")) })).rejects.toThrow(
      "port taken",
    );
  });

  test("caches that do not fill in time are the error", async () => {
    const caches = [{ ...closable("cache"), synced: new Promise<void>(() => undefined) }];
    const running = run({ caches });
    await eventually(() => expect(clock.pending()).toEqual([120_000]));
    const [outcome] = await Promise.allSettled([running, clock.advance(120_000)]);
    expect(outcome).toMatchObject({ reason: { code: "CacheSyncTimeout" } });
    expect(journal).toEqual(["close cache"]);
  });

  test("a stop before anything started is a clean stop", async () => {
    stop.abort();
    await run({ leaderElector: { acquire: ({ signal }) => Promise.reject(signal.reason as Error) } });
    expect(journal).toEqual([]);
  });
});
