import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createInformer, type Informer, type InformerEvent, type InformerOptions } from "./informer.ts";
import { createKubeClient, type KubeClient } from "./kube-client.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";
import type { KubeObject } from "./object.ts";
import {
  type Answer,
  configMap,
  listAnswer,
  type ScriptedServer,
  type SeenRequest,
  startScriptedServer,
  statusAnswer,
} from "./testing/scripted-server.ts";
import { eventually } from "./testing/eventually.ts";

const kind = { apiVersion: "v1", kind: "ConfigMap" };
const expired = { kind: "Status", code: 410, reason: "Expired", message: "too old resource version" };

let server: ScriptedServer;
let client: KubeClient;
let clock: ManualClock;
let informer: Informer | undefined;
let events: InformerEvent<KubeObject>[];
let lists: Answer[];
let onWatch: (request: SeenRequest) => Answer;

beforeEach(async () => {
  lists = [listAnswer([configMap("a", "1")], "5")];
  onWatch = () => "watch";
  events = [];
  clock = createManualClock();
  server = await startScriptedServer((request) => {
    if (!request.path.endsWith("/configmaps")) return undefined;
    // The last list answers all further ones.
    return request.query.watch ? onWatch(request) : lists.length > 1 ? lists.shift() : lists[0];
  });
  client = createKubeClient(server.config, { clock });
});

afterEach(async () => {
  await informer?.close();
  await client.close();
  await server.close();
});

function start(options: InformerOptions<KubeObject> = {}): Informer {
  const started = createInformer(client, kind, { clock, random: () => 0, freeze: true, ...options });
  started.onEvent((event) => events.push(event));
  informer = started;
  return started;
}

function summary(): string[] {
  return events.map((event) => `${event.type} ${event.object.metadata.name}`);
}

async function watchNumber(count: number) {
  await eventually(() => expect(server.watches).toHaveLength(count));
  return server.watches[count - 1]!;
}

function listRequests(): SeenRequest[] {
  return server.requests.filter(({ path, query }) => path.endsWith("/configmaps") && !query.watch);
}

describe("an informer", () => {
  test("fills, follows the watch and keeps its store", async () => {
    const { store, synced } = start({ labelSelector: "x=y", namespace: "default" });
    await synced;
    const watch = await watchNumber(1);
    expect(watch.request).toMatchObject({
      path: "/api/v1/namespaces/default/configmaps",
      query: {
        labelSelector: "x=y",
        resourceVersion: "5",
        allowWatchBookmarks: "true",
        timeoutSeconds: "300",
      },
    });
    watch.send("ADDED", configMap("b", "6"));
    watch.send("MODIFIED", configMap("a", "7", { k: "v" }));
    watch.send("DELETED", configMap("b", "8"));
    await eventually(() => expect(summary()).toEqual(["add a", "add b", "update a", "delete b"]));
    expect(events[0]).toMatchObject({ initial: true, object: kind });
    expect(events[1]).toMatchObject({ initial: false });
    expect(events[2]).toMatchObject({ previous: { data: {} }, object: { data: { k: "v" } } });
    expect(store.list().map(({ metadata }) => metadata.name)).toEqual(["a"]);
    expect(store.get({ namespace: "default", name: "a" })?.data).toEqual({ k: "v" });
  });

  test("follows the pages of a list and asks for metadata when told", async () => {
    lists = [listAnswer([configMap("a", "1")], "5", "more"), listAnswer([configMap("b", "2")], "5")];
    const { store, synced } = start({ metadataOnly: true });
    await synced;
    expect(store.size).toBe(2);
    expect(listRequests().map(({ query }) => query.continue)).toEqual([undefined, "more"]);
    expect(listRequests()[0]?.headers.accept).toContain("PartialObjectMetadataList");
  });

  test("replays the store to a late handler and forgets a removed one", async () => {
    const started = start();
    await started.synced;
    const late: string[] = [];
    const remove = started.onEvent(({ type, object }) => late.push(`${type} ${object.metadata.name}`));
    expect(late).toEqual(["add a"]);
    remove();
    (await watchNumber(1)).send("DELETED", configMap("a", "6"));
    await eventually(() => expect(summary()).toContain("delete a"));
    expect(late).toEqual(["add a"]);
  });

  test("repeats what it knows without asking the server", async () => {
    await start({ resyncMs: 1000 }).synced;
    await watchNumber(1);
    const before = server.requests.length;
    await clock.advance(2000);
    expect(summary()).toEqual(["add a", "resync a", "resync a"]);
    expect(server.requests).toHaveLength(before);
  });

  test("hands out frozen objects when told, and contains a handler that throws", async () => {
    const errors: unknown[] = [];
    const started = start({ onError: (error) => void errors.push(error) });
    started.onEvent(({ object }) => (object.metadata.name = "changed"));
    await started.synced;
    expect(errors).toEqual([expect.any(TypeError)]);
    expect(started.store.get({ namespace: "default", name: "a" })).toBeDefined();
  });

  test("rejects waiters when it is closed before it filled", async () => {
    lists = ["watch"];
    const started = start();
    await eventually(() => expect(server.watches).toHaveLength(1));
    await started.close();
    await expect(started.synced).rejects.toMatchObject({ code: "Closed" });
    expect(started.hasSynced).toBe(false);
  });
});

describe("when the watch breaks, an informer", () => {
  test("goes on from the last bookmark after a regular end", async () => {
    await start().synced;
    const watch = await watchNumber(1);
    watch.send("BOOKMARK", { metadata: { resourceVersion: "42" } });
    watch.end();
    expect((await watchNumber(2)).request.query.resourceVersion).toBe("42");
    expect(listRequests()).toHaveLength(1);
    expect(summary()).toEqual(["add a"]);
  });

  test("backs off with doubling delays while the server is away, then goes on without reading again", async () => {
    const errors: unknown[] = [];
    await start({ onError: (error) => void errors.push(error) }).synced;
    const watch = await watchNumber(1);
    onWatch = () => "hang up";
    watch.cut();
    for (const delay of [800, 1600, 3200, 6400]) {
      await eventually(() => expect(clock.pending()[0]).toBe(delay));
      if (delay === 6400) onWatch = () => "watch";
      await clock.advance(delay);
    }
    const second = await watchNumber(2);
    expect(second.request.query.resourceVersion).toBe("5");
    expect(listRequests()).toHaveLength(1);
    expect(errors).toHaveLength(4);
    // Success starts the delays over.
    second.send("ADDED", configMap("b", "6"));
    await eventually(() => expect(summary()).toEqual(["add a", "add b"]));
    second.cut();
    await eventually(() => expect(clock.pending()[0]).toBe(800));
  });

  test("backs off when watches end at once without any event", async () => {
    await start().synced;
    (await watchNumber(1)).end();
    await eventually(() => expect(clock.pending()[0]).toBe(800));
  });

  test("reads everything again after 410 and tells the difference", async () => {
    lists = [
      listAnswer([configMap("a", "1"), configMap("gone", "2"), configMap("same", "3")], "5"),
      listAnswer([configMap("a", "9"), configMap("new", "8"), configMap("same", "3")], "10"),
    ];
    const { synced, store } = start();
    await synced;
    const watch = await watchNumber(1);
    watch.send("BOOKMARK", { metadata: { resourceVersion: "6" } });
    watch.send("ERROR", expired);
    expect((await watchNumber(2)).request.query.resourceVersion).toBe("10");
    expect(summary().slice(3)).toEqual(["delete gone", "update a", "add new"]);
    expect(events.at(-1)).toMatchObject({ initial: false });
    expect(store.size).toBe(3);
  });

  test("does not hammer a server that forgets every version at once", async () => {
    onWatch = () => statusAnswer(410, "Expired");
    await start().synced;
    for (const delay of [800, 1600]) {
      await eventually(() => expect(clock.pending()[0]).toBe(delay));
      await clock.advance(delay);
    }
    await eventually(() => expect(listRequests()).toHaveLength(3));
  });

  test("reads again when the server's data was restored to an older version", async () => {
    onWatch = () =>
      statusAnswer(504, "Timeout", { details: { causes: [{ reason: "ResourceVersionTooLarge" }] } });
    await start().synced;
    await eventually(() => expect(clock.pending()[0]).toBe(800));
    onWatch = () => "watch";
    await clock.advance(800);
    await watchNumber(1);
    expect(listRequests()).toHaveLength(2);
  });

  test("is not confused by a jump of the wall clock", async () => {
    await start().synced;
    const watch = await watchNumber(1);
    clock.setWallClock(0);
    watch.end();
    await eventually(() => expect(clock.pending()[0]).toBe(800));
  });

  test("ends when told to stop, and gives waiters the error", async () => {
    lists = [statusAnswer(403, "Forbidden", { details: { kind: "configmaps" } })];
    await expect(start({ onError: () => "stop" }).synced).rejects.toMatchObject({ reason: "Forbidden" });
    expect(clock.pending()).toEqual([]);
  });
});
