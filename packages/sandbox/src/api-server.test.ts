import { createKubeClient, type KubeClient, loadKubeConfig } from "@package-operator/kube";
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
