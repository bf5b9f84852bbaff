import { randomUUID } from "node:crypto";
import {
  createDynamicCache,
  createInformer,
  createKubeClient,
  isAlreadyExists,
  isConflict,
  isInvalid,
  isNotFound,
  type KubeClient,
  type KubeObject,
  loadKubeConfig,
  refOf,
  waitFor,
} from "@package-operator/kube";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

const env = process.env;
const namespace = `kube-test-${randomUUID().slice(0, 8)}`;
const kind = { apiVersion: "v1", kind: "ConfigMap" };
const group = `${namespace}.example.com`;
const widget = { apiVersion: `${group}/v1`, kind: "Widget" };

let client: KubeClient;
const requests: string[] = [];

function configMap(
  name: string,
  data: Record<string, string> = {},
  labels: Record<string, string> = {},
): KubeObject {
  return { ...kind, metadata: { namespace, name, labels }, data };
}

const crd = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `widgets.${group}` },
  spec: {
    group,
    scope: "Namespaced",
    names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};

describe.skipIf(!env.KUBECONFIG)("against a real API server", () => {
  beforeAll(async () => {
    client = createKubeClient(await loadKubeConfig({ env }), {
      env,
      fieldManager: "kube-test",
      onRequest: ({ method, code }) => requests.push(`${method} ${code}`),
    });
    await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  });

  afterAll(async () => {
    await client.delete({ apiVersion: "v1", kind: "Namespace", name: namespace });
    await client.delete(refOf(crd)).catch(() => undefined);
    await client.close();
  });

  test("tells its version and kinds", async () => {
    expect(await client.discovery.serverVersion()).toMatch(/^v1\.\d+/);
    expect(await client.discovery.resourceFor({ apiVersion: "apps/v1", kind: "Deployment" })).toMatchObject({
      resource: "deployments",
      namespaced: true,
      subresources: expect.arrayContaining(["status", "scale"]),
    });
  });

  test("creates, reads, updates and deletes with the client's field manager", async () => {
    const created = await client.create(configMap("crud", { a: "1" }));
    expect(created.metadata.managedFields?.[0]).toMatchObject({ manager: "kube-test", operation: "Update" });
    await expect(client.create(configMap("crud"))).rejects.toSatisfy(isAlreadyExists);
    const updated = await client.update({ ...created, data: { a: "2" } });
    await expect(client.update({ ...created, data: { a: "3" } })).rejects.toSatisfy(isConflict);
    expect((await client.get(refOf(created))).data).toEqual({ a: "2" });
    const preconditions = { uid: created.metadata.uid, resourceVersion: created.metadata.resourceVersion };
    await expect(client.delete(refOf(created), { preconditions })).rejects.toSatisfy(isConflict);
    await client.delete(refOf(created), {
      preconditions: { ...preconditions, resourceVersion: updated.metadata.resourceVersion },
    });
    expect(await client.find(refOf(created))).toBeUndefined();
    await expect(client.delete(refOf(created))).rejects.toSatisfy(isNotFound);
  });

  test("applies, refuses to steal fields, and forces", async () => {
    const object = configMap("applied", { a: "1" });
    await client.apply(object, { fieldManager: "one" });
    const dry = await client.apply(configMap("applied", { a: "9" }), { fieldManager: "one", dryRun: true });
    expect(dry.data).toEqual({ a: "9" });
    const theft = client.apply(configMap("applied", { a: "2" }), { fieldManager: "two" });
    await expect(theft).rejects.toMatchObject({
      reason: "Conflict",
      status: {
        details: {
          causes: expect.arrayContaining([
            { reason: "FieldManagerConflict", field: ".data.a", message: 'conflict with "one"' },
          ]),
        },
      },
    });
    const forced = await client.apply(configMap("applied", { a: "2" }), { fieldManager: "two", force: true });
    expect(forced.data).toEqual({ a: "2" });
  });

  test("patches in three ways", async () => {
    const ref = refOf(await client.create(configMap("patched", { a: "1" })));
    await client.patch(ref, { type: "json", operations: [{ op: "add", path: "/data/b", value: "2" }] });
    await client.patch(ref, { type: "merge", body: { data: { a: null } } });
    const done = await client.patch(ref, { type: "strategic", body: { data: { c: "3" } } });
    expect(done.data).toEqual({ b: "2", c: "3" });
  });

  test("gives the causes of an invalid object", async () => {
    const bad = client.create(configMap("Not A Name"));
    await expect(bad).rejects.toSatisfy(isInvalid);
    await expect(bad).rejects.toMatchObject({
      status: { details: { causes: [{ field: "metadata.name" }] } },
    });
  });

  test("lists in pages and by label, metadata alone when told", async () => {
    for (let index = 0; index < 5; index++)
      await client.create(configMap(`page-${index}`, { a: "x" }, { page: "yes" }));
    requests.length = 0;
    const select = { namespace, labelSelector: "page=yes", pageSize: 2 };
    const list = await client.list(kind, select);
    expect(list.items).toHaveLength(5);
    expect(list.items[0]).toMatchObject(kind);
    expect(requests).toHaveLength(3);
    const [partial] = (await client.list(kind, { ...select, metadataOnly: true })).items;
    expect(partial).toMatchObject(kind);
    expect(partial?.data).toBeUndefined();
    await client.deleteCollection(kind, select);
    expect((await client.list(kind, select)).items).toEqual([]);
  });

  test("an informer follows changes", async () => {
    const events: string[] = [];
    const informer = createInformer(client, kind, { namespace, labelSelector: "follow", freeze: true });
    informer.onEvent(({ type, object }) => events.push(`${type} ${object.metadata.name}`));
    await informer.synced;
    const created = await client.create(configMap("f", {}, { follow: "" }));
    await client.update({ ...created, data: { a: "1" } });
    await client.delete(refOf(created));
    await vi.waitFor(() => expect(events).toEqual(["add f", "update f", "delete f"]), { timeout: 30_000 });
    await informer.close();
  });

  test("waits for an object to appear and to go", async () => {
    const ref = { ...kind, namespace, name: "late" };
    const appears = waitFor(client, ref, (object) => object !== undefined, { timeoutMs: 30_000 });
    await client.create(configMap("late"));
    expect(await appears).toMatchObject({ metadata: { name: "late" } });
    const goes = waitFor(client, ref, (object) => object === undefined, { timeoutMs: 30_000 });
    await client.delete(ref);
    expect(await goes).toBeUndefined();
  });

  test("finds a kind that is new, keeps big integers, and notices when the kind is gone", async () => {
    expect(await client.discovery.serves(widget)).toBe(false);
    await client.create(crd);
    await waitFor(client, refOf(crd), isEstablished, { timeoutMs: 30_000 });
    const metadata = { namespace, name: "w", labels: { cached: "yes" } };
    const spec = { big: 9007199254740993n, small: 1 };
    // Established does not yet mean that every request path knows the kind.
    const created = await vi.waitFor(() => client.create<KubeObject>({ ...widget, metadata, spec }), {
      timeout: 30_000,
    });
    expect(created.spec).toEqual(spec);
    const withStatus = await client.updateStatus({ ...created, status: { done: true } });
    expect(withStatus.status).toEqual({ done: true });

    const cache = createDynamicCache(client, { labelSelector: "cached=yes" });
    cache.register("test", [widget]);
    expect(await cache.get({ ...widget, namespace, name: "w" })).toMatchObject({ spec });
    await client.delete(refOf(crd));
    await vi.waitFor(() => expect(cache.counts().informers).toBe(0), { timeout: 30_000 });
    await expect(cache.get({ ...widget, namespace, name: "w" })).rejects.toMatchObject({
      code: "UnknownKind",
    });
    await expect(client.get({ ...widget, namespace, name: "w" })).rejects.toMatchObject({
      code: "UnknownKind",
    });
    await cache.close();
  });
});

function isEstablished(object: KubeObject | undefined): boolean {
  // A new definition has the null list.
  const { conditions } = (object?.status ?? {}) as { conditions?: { type: string; status: string }[] | null };
  return (conditions ?? []).some(({ type, status }) => type === "Established" && status === "True");
}
