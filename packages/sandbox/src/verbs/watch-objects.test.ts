import { afterEach, beforeEach, expect, test } from "vitest";
import { type ApiServer, createApiServer } from "../api-server.ts";
import type { LocalClient } from "../controllers/local-client.ts";
import { getString, type JsonObject, nameOf } from "../json.ts";
import type { Resource } from "../resources/resource.ts";
import { ObjectStore } from "../storage/object-store.ts";
import { listObjects } from "./list-objects.ts";
import { type WatchEvent, watchObjects, type WatchOptions } from "./watch-objects.ts";

let server: ApiServer;
let client: LocalClient;
let resource: Resource;

beforeEach(async () => {
  server = await createApiServer({ store: new ObjectStore({ history: 10 }) });
  client = server.client("test");
  const found = server.context.catalog.findKind("v1", "ConfigMap");
  if (found === undefined) throw new Error("there are no ConfigMaps");
  resource = found;
});

afterEach(() => server.close());

const ref = (name: string) => ({ collection: "/configmaps", namespace: "default", name });

function create(name: string, labels: Record<string, string> = {}): JsonObject {
  return client.create("/configmaps", {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "default", labels },
  });
}

function watch(options: WatchOptions): { seen: string[]; stop: () => void; bookmark: () => void } {
  const seen: string[] = [];
  const deliver = ({ type, object }: WatchEvent): void => void seen.push(`${type} ${nameOf(object)}`.trim());
  return { seen, ...watchObjects(server.context, resource, options, deliver) };
}

test("a watch from a version gives what came after it, old and new alike", () => {
  const first = create("a");
  create("b");
  const { seen, stop } = watch({ resourceVersion: getString(first, "metadata", "resourceVersion") });
  create("c");
  client.delete(ref("b"));
  stop();
  create("d");
  expect(seen).toEqual(["ADDED b", "ADDED c", "DELETED b"]);
});

test("objects appear and disappear with their labels", () => {
  create("a", { app: "x" });
  const { seen } = watch({ labelSelector: "app=x" });
  client.patch(ref("a"), { metadata: { labels: { app: "y" } } });
  client.patch(ref("a"), { data: { k: "v" } });
  client.patch(ref("a"), { metadata: { labels: { app: "x" } } });
  expect(seen).toEqual(["ADDED a", "DELETED a", "ADDED a"]);
});

test("initial events end with a bookmark that says so", () => {
  create("a");
  const { seen, bookmark } = watch({ sendInitialEvents: true, bookmarks: true });
  bookmark();
  expect(seen).toEqual(["ADDED a", "BOOKMARK", "BOOKMARK"]);
});

test("a version that is no longer known is expired, for watches and for pages", () => {
  const first = create("a");
  const { continueToken } = listObjects(server.context, resource, { limit: 1, namespace: "default" });
  expect(continueToken).toBeUndefined();
  create("b");
  const page = listObjects(server.context, resource, { limit: 1, namespace: "default" });
  expect(page.remaining).toBe(1);
  for (let count = 0; count < 40; count++) client.patch(ref("a"), { data: { count: String(count) } });
  const resourceVersion = getString(first, "metadata", "resourceVersion");
  expect(() => watch({ resourceVersion })).toThrow("too old resource version");
  const next = { limit: 1, namespace: "default", continueToken: page.continueToken ?? "" };
  expect(() => listObjects(server.context, resource, next)).toThrow("too old to display a consistent list");
});

test("pages show the moment of the first one", () => {
  for (const name of ["a", "b", "c"]) create(name);
  const first = listObjects(server.context, resource, { limit: 2, namespace: "default" });
  client.delete(ref("c"));
  create("d");
  const continueToken = first.continueToken ?? "";
  const second = listObjects(server.context, resource, { limit: 2, namespace: "default", continueToken });
  expect([...first.items, ...second.items].map(nameOf)).toEqual(["a", "b", "c"]);
  expect(second.resourceVersion).toBe(first.resourceVersion);
});
