import { once } from "node:events";
import { connect } from "node:net";
import {
  createKubeClient,
  type KubeClient,
  type KubeObject,
  loadKubeConfig,
  waitFor,
} from "@package-operator/kube";
import type { JsonObject } from "@package-operator/kube-yaml";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiServer, createApiServer } from "./api-server.ts";

let server: ApiServer;
let client: KubeClient;

beforeAll(async () => {
  server = await createApiServer();
  const readFile = (): Promise<string> => Promise.resolve(JSON.stringify(server.kubeconfig));
  client = createKubeClient(await loadKubeConfig({ env: {}, kubeconfig: "sandbox", readFile }));
});

afterAll(() => server.close());

const configMap = (name: string, data: Record<string, string>) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
  data,
});

test("an object can be created, read, changed by a patch and deleted", async () => {
  const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "first" };
  await client.create(configMap("first", { a: "1" }));
  await client.patch(ref, { type: "merge", body: { data: { b: "2" } } });
  expect((await client.get(ref))?.data).toEqual({ a: "1", b: "2" });
  await client.delete(ref);
  await expect(client.get(ref)).rejects.toMatchObject({ httpStatus: 404 });
});

test("an update from an older version is a conflict", async () => {
  const created = await client.create(configMap("second", { a: "1" }));
  await client.update({ ...created, data: { a: "2" } });
  await expect(client.update({ ...created, data: { a: "3" } })).rejects.toMatchObject({
    reason: "Conflict",
    message: expect.stringContaining("the object has been modified") as string,
  });
});

test("a version that only a webhook could convert is refused, never shown wrongly", async () => {
  const version = (name: string, storage: boolean) => ({
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
  });
  await client.create({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "things.example.com" },
    spec: {
      group: "example.com",
      names: { kind: "Thing", plural: "things" },
      scope: "Namespaced",
      versions: [version("v1", true), version("v2", false)],
      conversion: {
        strategy: "Webhook",
        webhook: { conversionReviewVersions: ["v1"], clientConfig: { url: "https://x" } },
      },
    },
  } as never);
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    name: "things.example.com",
  };
  await waitFor(client, definition, (object) => JSON.stringify(object).includes("Established"), {
    timeoutMs: 5000,
  });
  const thing = {
    apiVersion: "example.com/v1",
    kind: "Thing",
    metadata: { name: "t", namespace: "default" },
  };
  await client.create(thing);
  const other = { apiVersion: "example.com/v2", kind: "Thing", namespace: "default", name: "t" };
  const refusal = { httpStatus: 500, message: expect.stringContaining("calls no webhooks") as string };
  await expect(client.get(other)).rejects.toMatchObject(refusal);
  await expect(
    client.create({ ...thing, apiVersion: "example.com/v2", metadata: { name: "u", namespace: "default" } }),
  ).rejects.toMatchObject(refusal);
  await expect(client.get({ ...other, apiVersion: "example.com/v1" })).resolves.toBeDefined();
});

test("an object from before its schema got stricter can be changed elsewhere", async () => {
  const definition = (text: JsonObject): KubeObject => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "notes.example.org" },
    spec: {
      group: "example.org",
      names: { kind: "Note", plural: "notes" },
      scope: "Namespaced",
      versions: [
        {
          ...{ name: "v1", served: true, storage: true, subresources: { status: {} } },
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: {
                spec: { type: "object", properties: { text, other: { type: "string" } } },
                status: { type: "object", properties: { phase: { type: "string" } } },
              },
            },
          },
        },
      ],
    },
  });
  await client.create(definition({ type: "string" }));
  const crd = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    name: "notes.example.org",
  };
  await waitFor(client, crd, (object) => JSON.stringify(object).includes("Established"), { timeoutMs: 5000 });
  const ref = { apiVersion: "example.org/v1", kind: "Note", namespace: "default", name: "old" };
  const { name, namespace } = ref;
  await client.create({ ...ref, metadata: { name, namespace }, spec: { text: "a" } });
  await client.patch(crd, {
    type: "merge",
    body: { spec: definition({ type: "string", minLength: 2 })["spec"]! },
  });

  const change = (spec: JsonObject) => client.patch(ref, { type: "merge", body: { spec } });
  await change({ other: "b" });
  await client.updateStatus({ ...(await client.get(ref)), status: { phase: "Up" } });
  await expect(change({ text: "b" })).rejects.toMatchObject({ reason: "Invalid" });
  await expect(client.get(ref)).resolves.toMatchObject({
    spec: { text: "a", other: "b" },
    status: { phase: "Up" },
  });
});

test("a connection that says nothing does not hold up the end", async () => {
  const other = await createApiServer();
  const socket = connect(Number(new URL(other.url).port), "127.0.0.1");
  const gone = once(socket, "close");
  await once(socket, "connect");
  // An answer shows that the server has taken what came before.
  await expect(fetch(other.url)).rejects.toThrowError("fetch failed");
  await other.close();
  await gone;
});
