import { createManualClock, type KubeClient, type ManualClock } from "@package-operator/kube";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLeaderElector, type Leadership, type LeaderElectorOptions } from "./leader-election.ts";
import { collectLogs } from "./testing/log-lines.ts";
import { type LeaseServer, startLeaseServer } from "./testing/lease-server.ts";
import { eventually } from "./testing/eventually.ts";

const never = new AbortController().signal;
const held = {
  holderIdentity: "other",
  leaseDurationSeconds: 137,
  acquireTime: "2023-12-31T00:00:00.000000Z",
  renewTime: "2023-12-31T00:00:00.000000Z",
  leaderTransitions: 4,
};

let server: LeaseServer;
let clock: ManualClock;
let changes: boolean[];

beforeEach(async () => {
  server = await startLeaseServer();
  clock = createManualClock();
  changes = [];
});

afterEach(() => server.close());

function acquire(
  options: Partial<LeaderElectorOptions> = {},
  signal: AbortSignal = never,
): Promise<Leadership> {
  const elector = createLeaderElector({
    client: server.client,
    lease: { namespace: "ns", name: "lock" },
    identity: "me",
    logger: collectLogs().logger,
    onChange: (leading) => changes.push(leading),
    clock,
    random: () => 0,
    ...options,
  });
  return elector.acquire({ signal });
}

/** Waits until only the wait for the next try is left, then lets it pass. */
async function passRetryPeriod(): Promise<void> {
  await eventually(() => expect(clock.pending()).toEqual([26_000]));
  await clock.advance(26_000);
}

describe("acquiring", () => {
  test("creates the lease and writes the event", async () => {
    const leadership = await acquire();
    expect(server.lease?.spec).toEqual({
      holderIdentity: "me",
      leaseDurationSeconds: 137,
      acquireTime: "2024-01-01T00:00:00.000000Z",
      renewTime: "2024-01-01T00:00:00.000000Z",
      leaderTransitions: 0,
    });
    await eventually(() => expect(server.events).toHaveLength(1));
    // The server completes the name, which two events of one millisecond would share.
    expect(server.events[0]).toMatchObject({
      metadata: { generateName: expect.stringMatching(/^lock\.[0-9a-f]+$/) as string },
      reason: "LeaderElection",
      message: "me became leader",
      type: "Normal",
      involvedObject: { apiVersion: "coordination.k8s.io/v1", kind: "Lease", namespace: "ns", name: "lock" },
      source: { component: "me" },
    });
    expect(changes).toEqual([true]);
    await leadership.release();
  });

  test("takes a lease that was given back at once, counting the transition", async () => {
    server.write({ ...held, holderIdentity: "", leaseDurationSeconds: 1 });
    await (await acquire()).release();
    expect(server.lease?.spec.leaderTransitions).toBe(5);
  });

  test("waits until the holder has not renewed for the lease's own duration, whatever the clocks say", async () => {
    server.write({ ...held, leaseDurationSeconds: 60 });
    const acquired = acquire();
    await passRetryPeriod();
    clock.setWallClock(Date.UTC(2040, 0, 1));
    // The holder is alive: the time starts anew.
    server.write({ ...held, leaseDurationSeconds: 60, renewTime: "2023-12-31T00:00:01.000000Z" });
    for (let tries = 0; tries < 3; tries++) await passRetryPeriod();
    expect(server.lease?.spec.holderIdentity).toBe("other");
    await passRetryPeriod();
    const leadership = await acquired;
    expect(server.lease?.spec).toMatchObject({
      holderIdentity: "me",
      leaseDurationSeconds: 137,
      leaderTransitions: 5,
    });
    await leadership.release();
  });

  test("outlasts an outage", async () => {
    server.outage = true;
    const acquired = acquire();
    await passRetryPeriod();
    server.outage = false;
    await passRetryPeriod();
    const leadership = await acquired;
    expect(server.lease?.spec.holderIdentity).toBe("me");
    await leadership.release();
  });

  test("ends with the signal", async () => {
    server.write(held);
    const stop = new AbortController();
    const acquired = acquire({}, stop.signal);
    await eventually(() => expect(clock.pending()).toEqual([26_000]));
    stop.abort(new Error("stopped"));
    await expect(acquired).rejects.toThrow("stopped");
    expect(changes).toEqual([]);
  });

  test("refuses times that cannot work", () => {
    expect(
      () =>
        void createLeaderElector({
          client: server.client,
          lease: { namespace: "ns", name: "lock" },
          identity: "me",
          logger: collectLogs().logger,
          leaseDurationMs: 10,
          renewDeadlineMs: 20,
        }),
    ).toThrow(expect.objectContaining({ code: "InvalidOption" }));
  });
});

describe("leading", () => {
  test("renews every retry period with one request, keeping the time of acquiring", async () => {
    const leadership = await acquire();
    const before = server.requests.length;
    await passRetryPeriod();
    await passRetryPeriod();
    await eventually(() => expect(server.requests.slice(before)).toEqual(["PUT", "PUT"]));
    expect(server.lease?.spec).toMatchObject({
      acquireTime: "2024-01-01T00:00:00.000000Z",
      renewTime: "2024-01-01T00:00:52.000000Z",
      leaderTransitions: 0,
    });
    await leadership.release();
  });

  test("survives foreign changes of the lease's metadata", async () => {
    const leadership = await acquire();
    server.write(server.lease?.spec ?? {});
    await passRetryPeriod();
    await eventually(() => expect(server.lease?.spec.renewTime).toBe("2024-01-01T00:00:26.000000Z"));
    await leadership.release();
  });

  test("is lost when renewing fails for the renew deadline", async () => {
    const { lost } = await acquire();
    server.outage = true;
    for (let tries = 0; tries < 4; tries++) await passRetryPeriod();
    expect(changes).toEqual([true]);
    const [outcome] = await Promise.allSettled([lost, passRetryPeriod()]);
    expect(outcome).toMatchObject({ status: "rejected", reason: { code: "LeaderElectionLost" } });
    expect(changes).toEqual([true, false]);
  });

  test("is lost at the next renewal when somebody else took the lease", async () => {
    const { lost } = await acquire();
    server.write(held);
    const [outcome] = await Promise.allSettled([lost, passRetryPeriod()]);
    expect(outcome).toMatchObject({ reason: { code: "LeaderElectionLost" } });
    expect(server.lease?.spec).toEqual(held);
  });

  test("goes on after a short outage", async () => {
    const leadership = await acquire();
    server.outage = true;
    await passRetryPeriod();
    server.outage = false;
    await passRetryPeriod();
    await eventually(() => expect(server.lease?.spec.renewTime).toBe("2024-01-01T00:00:52.000000Z"));
    await leadership.release();
  });
});

describe("releasing", () => {
  test("empties the lease for the next leader and stops renewing", async () => {
    const leadership = await acquire();
    await leadership.release();
    expect(server.lease?.spec).toMatchObject({
      holderIdentity: "",
      leaseDurationSeconds: 1,
      leaderTransitions: 0,
    });
    expect(clock.pending()).toEqual([]);
    expect(changes).toEqual([true, false]);
    expect(server.events.map(({ message }) => message)).toContain("me stopped leading");
  });

  test("empties it also when a renewal comes in late", async () => {
    let renewals = 0;
    const client: KubeClient = {
      ...server.client,
      async find(ref, options) {
        const found = await server.client.find(ref, options);
        const spec = server.lease?.spec;
        if (spec?.holderIdentity === "me" && renewals++ === 0) {
          server.write({ ...spec, renewTime: "2024-01-01T00:00:01.000000Z" });
        }
        return found as never;
      },
    };
    const leadership = await acquire({ client });
    await leadership.release();
    expect(renewals).toBe(2);
    expect(server.lease?.spec.holderIdentity).toBe("");
  });

  test("leaves a lease alone that somebody else has", async () => {
    const leadership = await acquire();
    server.write(held);
    await leadership.release();
    expect(server.lease?.spec).toEqual(held);
  });
});
