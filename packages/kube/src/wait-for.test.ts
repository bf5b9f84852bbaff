import { afterEach, beforeEach, expect, test } from "vitest";
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
import { waitFor } from "./wait-for.ts";
import { eventually } from "./testing/eventually.ts";

const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "a" };

let server: ScriptedServer;
let client: KubeClient;
let clock: ManualClock;
let list: Answer;

beforeEach(async () => {
  list = listAnswer([configMap("a", "1")], "5");
  clock = createManualClock();
  server = await startScriptedServer(({ path, query }) =>
    path.endsWith("/configmaps") ? (query.watch ? "watch" : list) : undefined,
  );
  client = createKubeClient(server.config);
});

afterEach(async () => {
  await client.close();
  await server.close();
});

test("gives back the object at once when it already is as wanted", async () => {
  expect(await waitFor(client, ref, (object) => object !== undefined)).toMatchObject({
    metadata: { name: "a" },
  });
  const request = server.requests.find(({ path }) => path.endsWith("/configmaps"));
  expect(request).toMatchObject({
    path: "/api/v1/namespaces/default/configmaps",
    query: { fieldSelector: "metadata.name=a" },
  });
});

test("watches until it is, and cleans up", async () => {
  const waiting = waitFor(client, ref, (object) => object?.metadata.resourceVersion === "7", {
    clock,
    timeoutMs: 9000,
  });
  await eventually(() => expect(server.watches).toHaveLength(1));
  server.watches[0]!.send("MODIFIED", configMap("a", "6"));
  server.watches[0]!.send("MODIFIED", configMap("a", "7"));
  expect(await waiting).toMatchObject({ metadata: { resourceVersion: "7" } });
  await eventually(() => expect(server.watches[0]!.closed).toBe(true));
  expect(clock.pending()).toEqual([]);
});

test("can wait for an object to go away", async () => {
  const waiting = waitFor(client, ref, (object) => object === undefined);
  await eventually(() => expect(server.watches).toHaveLength(1));
  server.watches[0]!.send("DELETED", configMap("a", "6"));
  expect(await waiting).toBeUndefined();
});

test("gives up after its time", async () => {
  const waiting = waitFor(client, ref, () => false, { clock, timeoutMs: 5000 });
  await eventually(() => expect(server.watches).toHaveLength(1));
  const [outcome] = await Promise.allSettled([waiting, clock.advance(5000)]);
  expect(outcome).toMatchObject({
    reason: { code: "Timeout", message: "gave up waiting for ConfigMap default/a after 5 s" },
  });
});

test("an abort gives its own reason", async () => {
  const abort = new AbortController();
  const waiting = waitFor(client, ref, () => false, { signal: abort.signal });
  await eventually(() => expect(server.watches).toHaveLength(1));
  abort.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
});

test("a refusal ends it, an outage does not", async () => {
  list = statusAnswer(503, "ServiceUnavailable");
  const waiting = waitFor(client, ref, () => true, { clock, random: () => 0 });
  await eventually(() => expect(clock.pending()).toEqual([800]));
  list = statusAnswer(403, "Forbidden", { details: { kind: "configmaps" } });
  await Promise.all([expect(waiting).rejects.toMatchObject({ reason: "Forbidden" }), clock.advance(800)]);
});

test("a namespaced object needs its namespace", async () => {
  await expect(waitFor(client, { ...ref, namespace: undefined }, () => true)).rejects.toMatchObject({
    code: "InvalidRequest",
  });
});
