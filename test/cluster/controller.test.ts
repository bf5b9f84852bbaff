import { randomUUID } from "node:crypto";
import {
  type Controller,
  createController,
  createLeaderElector,
  createLogger,
  runManager,
  watchSource,
} from "@package-operator/controller";
import {
  createInformer,
  createKubeClient,
  type KubeClient,
  loadKubeConfig,
  parseKey,
} from "@package-operator/kube";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

const env = process.env;
const namespace = `controller-test-${randomUUID().slice(0, 8)}`;
const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", namespace, name: "lock" };
const kind = { apiVersion: "v1", kind: "ConfigMap" };
const patience = { timeout: 20_000, interval: 50 };

let client: KubeClient;

/** A manager that copies `data.in` of ConfigMaps to `data.out`, and writes its own identity beside it. */
function startManager(identity: string): { stop: () => void; running: Promise<void> } {
  const logger = createLogger({ level: -1, destination: process.stderr, now: () => Date.now() });
  const maps = createInformer(client, kind, { namespace, labelSelector: "copy", freeze: true });
  const controller: Controller = createController({
    name: "copy",
    logger,
    sources: [watchSource(maps)],
    async reconcile(key) {
      const found = maps.store.get(parseKey(key));
      const data = found?.data as Record<string, string> | undefined;
      if (!found || !data || data.in === data.out) return;
      await client.update({ ...found, data: { ...data, out: data.in ?? "", by: identity } });
    },
  });
  const stop = new AbortController();
  const times = { leaseDurationMs: 40_000, renewDeadlineMs: 30_000, retryPeriodMs: 500 };
  const leaderElector = createLeaderElector({ client, logger, lease, identity, ...times });
  const running = runManager({
    signal: stop.signal,
    logger,
    caches: [maps],
    leaderElector,
    controllers: [controller],
  });
  return { stop: () => stop.abort(), running };
}

async function copied(name: string): Promise<Record<string, string>> {
  return vi.waitFor(async () => {
    const { data } = await client.get({ ...kind, namespace, name });
    expect(data).toHaveProperty("out");
    return data as Record<string, string>;
  }, patience);
}

async function create(name: string): Promise<void> {
  await client.create({ ...kind, metadata: { namespace, name, labels: { copy: "" } }, data: { in: "x" } });
}

async function holder(): Promise<unknown> {
  const found = await client.find(lease);
  return (found?.spec as { holderIdentity?: string } | undefined)?.holderIdentity;
}

/** Watches of leases that the API server serves now. */
async function openWatches(): Promise<number> {
  const { body } = await client.raw({ method: "GET", path: "/metrics" });
  const line = /^apiserver_longrunning_requests\{.*resource="leases".*verb="WATCH".*\} (\d+)$/m.exec(body);
  return Number(line?.[1] ?? 0);
}

describe.skipIf(!env.KUBECONFIG)("managers on a real API server", () => {
  beforeAll(async () => {
    client = createKubeClient(await loadKubeConfig({ env }), { env });
    await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  });

  afterAll(async () => {
    await client.delete({ apiVersion: "v1", kind: "Namespace", name: namespace });
    await client.close();
  });

  test("a candidate takes a lease that is given back long before its next try", async () => {
    const logger = createLogger({ level: -1, destination: process.stderr, now: () => Date.now() });
    const elector = (identity: string): ReturnType<typeof createLeaderElector> =>
      createLeaderElector({ client, logger, lease: { namespace, name: "given-back" }, identity });
    const signal = AbortSignal.timeout(patience.timeout);
    const first = await elector("first").acquire({ signal });
    const second = elector("second").acquire({ signal });
    await vi.waitFor(async () => expect(await openWatches()).toBeGreaterThan(0), patience);
    await first.release();
    await (await second).release();
  });

  test("one leads and works, the other takes over at once when it stops", async () => {
    const one = startManager("one");
    await vi.waitFor(async () => expect(await holder()).toBe("one"), patience);
    const two = startManager("two");
    await create("first");
    expect(await copied("first")).toMatchObject({ out: "x", by: "one" });

    one.stop();
    await one.running;
    await vi.waitFor(async () => expect(await holder()).toBe("two"), patience);
    await create("second");
    expect(await copied("second")).toMatchObject({ by: "two" });
    const events = ["one became leader", "one stopped leading", "two became leader"];
    // Nobody waits for the event of a lease that was taken.
    await vi.waitFor(async () => {
      const { items } = await client.list({ apiVersion: "v1", kind: "Event" }, { namespace });
      expect(items.map(({ message }) => message)).toEqual(expect.arrayContaining(events));
    }, patience);

    two.stop();
    await two.running;
    expect(await holder()).toBeFalsy();
  });

  test("a stolen lease ends its manager", async () => {
    const { running } = startManager("victim");
    await vi.waitFor(async () => expect(await holder()).toBe("victim"), patience);
    const spec = { holderIdentity: "thief", leaseDurationSeconds: 137 };
    await client.patch(lease, { type: "merge", body: { spec } });
    await expect(running).rejects.toMatchObject({ code: "LeaderElectionLost" });
    expect(await holder()).toBe("thief");
  });
});
