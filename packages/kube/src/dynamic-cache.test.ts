import { afterEach, beforeEach, expect, test } from "vitest";
import { createDynamicCache, type DynamicCache } from "./dynamic-cache.ts";
import { createKubeClient, type KubeClient } from "./kube-client.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";
import {
  type Answer,
  configMap,
  listAnswer,
  type ScriptedServer,
  startScriptedServer,
  statusAnswer,
} from "./testing/scripted-server.ts";
import { eventually } from "./testing/eventually.ts";

const maps = { apiVersion: "v1", kind: "ConfigMap" };
const namespaces = { apiVersion: "v1", kind: "Namespace" };
const refA = { ...maps, namespace: "default", name: "a" };

let server: ScriptedServer;
let client: KubeClient;
let cache: DynamicCache;
let mapList: Answer;
let clock: ManualClock;

beforeEach(async () => {
  mapList = listAnswer([configMap("a", "1")], "5");
  server = await startScriptedServer(({ path, query }) => {
    if (query.watch) return "watch";
    if (path === "/api/v1/configmaps") return mapList;
    if (path === "/api/v1/namespaces") return listAnswer([], "5");
    return undefined;
  });
  clock = createManualClock();
  client = createKubeClient(server.config);
  cache = createDynamicCache(client, {
    labelSelector: "cache=True",
    freeze: true,
    clock,
    random: () => 0,
  });
});

afterEach(async () => {
  await cache.close();
  await client.close();
  await server.close();
});

test("asks for nothing until a registered kind is read, then only for what is labelled", async () => {
  cache.register("u", [maps]);
  expect(server.requests).toHaveLength(0);
  expect(await cache.get(refA)).toMatchObject(maps);
  expect(await cache.get({ ...refA, name: "b" })).toBeUndefined();
  expect(await cache.list(maps, { namespace: "default" })).toHaveLength(1);
  const lists = server.requests.filter(({ path }) => path === "/api/v1/configmaps");
  expect(lists[0]?.query.labelSelector).toBe("cache=True");
  expect(lists.filter(({ query }) => !query.watch)).toHaveLength(1);
  expect(cache.counts()).toEqual({ informers: 1, objects: [{ kind: maps, count: 1 }] });
});

test("concurrent first reads share one watch", async () => {
  cache.register("u", [maps]);
  await Promise.all([cache.get(refA), cache.get(refA), cache.list(maps)]);
  await eventually(() => expect(server.watches).toHaveLength(1));
});

test("a kind nobody registered cannot be read", async () => {
  await expect(cache.get(refA)).rejects.toMatchObject({ code: "NotWatched" });
});

test("a kind is watched as long as anybody needs it", async () => {
  cache.register("one", [maps, namespaces]);
  cache.register("two", [maps]);
  await cache.list(maps);
  await cache.list(namespaces);
  await eventually(() => expect(server.watches).toHaveLength(2));
  cache.register("one", []);
  expect(cache.counts().objects.map(({ kind }) => kind)).toEqual([maps]);
  cache.unregister("two");
  await eventually(() => expect(server.watches.every(({ closed }) => closed)).toBe(true));
  await expect(cache.list(maps)).rejects.toMatchObject({ code: "NotWatched" });
});

test("handlers hear of every kind, and late ones of what is there", async () => {
  const seen: string[] = [];
  cache.onEvent(({ type, object }) => seen.push(`${type} ${object.kind} ${object.metadata.name}`));
  cache.register("u", [maps]);
  await cache.get(refA);
  await eventually(() => expect(server.watches).toHaveLength(1));
  server.watches[0]!.send("MODIFIED", configMap("a", "6"));
  await eventually(() => expect(seen).toEqual(["add ConfigMap a", "update ConfigMap a"]));
  const late: string[] = [];
  cache.onEvent(({ type, object }) => late.push(`${type} ${object.metadata.name}`))();
  expect(late).toEqual(["add a"]);
});

test("a refused kind is stopped, its readers get the error, and the next read tries again", async () => {
  mapList = statusAnswer(403, "Forbidden", { details: { kind: "configmaps" } });
  cache.register("u", [maps]);
  const reads = await Promise.allSettled([cache.get(refA), cache.list(maps)]);
  for (const read of reads)
    expect(read).toMatchObject({ status: "rejected", reason: { reason: "Forbidden" } });
  expect(cache.counts().informers).toBe(0);
  mapList = listAnswer([configMap("a", "1")], "5");
  expect(await cache.get(refA)).toBeDefined();
});

test("a kind that is no longer served is stopped", async () => {
  cache.register("u", [maps]);
  await cache.get(refA);
  await eventually(() => expect(server.watches).toHaveLength(1));
  mapList = { status: 404, body: "404 page not found" };
  server.watches[0]!.send("ERROR", { kind: "Status", code: 410, reason: "Expired" });
  await eventually(() => expect(clock.pending()[0]).toBe(800));
  await clock.advance(800);
  await eventually(() => expect(cache.counts().informers).toBe(0));
  await expect(cache.get(refA)).rejects.toMatchObject({ code: "UnknownKind" });
});

test("an unknown kind is an error of its readers", async () => {
  const kind = { apiVersion: "v1", kind: "Nonsense" };
  cache.register("u", [kind]);
  await expect(cache.list(kind)).rejects.toMatchObject({ code: "UnknownKind" });
  expect(cache.counts().informers).toBe(0);
});

test("a waiting reader can give up", async () => {
  mapList = "watch";
  cache.register("u", [maps]);
  const abort = new AbortController();
  const read = cache.get(refA, { signal: abort.signal });
  abort.abort(new Error("enough"));
  await expect(read).rejects.toThrow("enough");
});

test("a closed cache refuses reads", async () => {
  cache.register("u", [maps]);
  await cache.close();
  await expect(cache.get(refA)).rejects.toMatchObject({ code: "Closed" });
});
