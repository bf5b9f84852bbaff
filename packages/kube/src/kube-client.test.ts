import { afterEach, beforeEach, expect, test } from "vitest";
import { createKubeClient, type KubeClient } from "./kube-client.ts";
import {
  type Answer,
  configMap,
  listAnswer,
  type ScriptedServer,
  startScriptedServer,
  statusAnswer,
} from "./testing/scripted-server.ts";

const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "a" };
const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "default", name: "a" } };

let server: ScriptedServer;
let client: KubeClient;
let answer: Answer;

beforeEach(async () => {
  server = await startScriptedServer(({ path }) => (path.includes("/configmaps") ? answer : undefined));
  client = createKubeClient(server.config, { fieldManager: "manager" });
});

afterEach(async () => {
  await client.close();
  await server.close();
});

test("get keeps integers that a double cannot hold", async () => {
  answer = { body: '{"metadata":{},"data":{"n":9007199254740993}}' };
  expect(await client.get(ref)).toEqual({ ...object, metadata: {}, data: { n: 9007199254740993n } });
});

test("metadata-only answers carry the real kind", async () => {
  answer = { body: { apiVersion: "meta.k8s.io/v1", kind: "PartialObjectMetadata", metadata: { name: "a" } } };
  expect(await client.get(ref, { metadataOnly: true })).toMatchObject({
    apiVersion: "v1",
    kind: "ConfigMap",
  });
});

test("find gives undefined for a missing object and throws for a missing kind", async () => {
  answer = statusAnswer(404, "NotFound", { details: { kind: "configmaps", name: "a" } });
  expect(await client.find(ref)).toBeUndefined();
  await expect(client.get(ref)).rejects.toMatchObject({ code: "ApiStatus", reason: "NotFound" });
  answer = { status: 404, body: "404 page not found" };
  await expect(client.find(ref)).rejects.toMatchObject({ code: "UnknownKind" });
  // The group version was forgotten, so the next call asks what is served.
  await client.find(ref).catch(() => undefined);
  expect(server.requests.filter(({ path }) => path === "/api/v1")).toHaveLength(2);
});

test("list collects pages and completes the kind of items", async () => {
  answer = listAnswer([configMap("a", "1")], "7");
  expect(await client.list(ref, { namespace: "default" })).toEqual({
    items: [configMap("a", "1")],
    resourceVersion: "7",
  });
});

test("writes carry the default field manager, applies their own", async () => {
  answer = { body: configMap("a", "1") };
  await client.create(object);
  await client.update(object, { fieldManager: "other" });
  await client.updateStatus(object, { signal: undefined, fieldManager: undefined });
  await client.patch(ref, { type: "merge", body: {} });
  await client.apply(object, { fieldManager: "applier" });
  const writes = server.requests.filter(({ method }) => method !== "GET");
  expect(writes.map(({ query }) => query.fieldManager)).toEqual([
    "manager",
    "other",
    "manager",
    "manager",
    "applier",
  ]);
  expect(writes[2]?.path).toBe("/api/v1/namespaces/default/configmaps/a/status");
});

test("delete and deleteCollection accept any answer", async () => {
  answer = { body: { kind: "Status", status: "Success" } };
  await client.delete(ref, { preconditions: { uid: "u" } });
  await client.deleteCollection(ref, { namespace: "default", labelSelector: "x=y" });
  expect(
    server.requests.filter(({ method }) => method === "DELETE").map(({ path, query }) => [path, query]),
  ).toEqual([
    ["/api/v1/namespaces/default/configmaps/a", {}],
    ["/api/v1/namespaces/default/configmaps", { labelSelector: "x=y" }],
  ]);
});

test("an answer that is no JSON is named", async () => {
  answer = { body: "<html>" };
  await expect(client.get(ref)).rejects.toMatchObject({ code: "InvalidResponse" });
});

test("stream gives the body as it arrives", async () => {
  answer = { body: "line\n" };
  const chunks: Uint8Array[] = [];
  for await (const chunk of await client.stream({ method: "GET", path: "/x/configmaps/log" }))
    chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe("line\n");
});
