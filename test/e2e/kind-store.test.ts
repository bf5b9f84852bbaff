import {
  createInformer,
  createKubeClient,
  type KubeClient,
  loadKubeConfig,
  systemClock,
} from "@package-operator/kube";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createKindStore } from "../../packages/manager/src/runtime/kind-store.ts";
import { withSandbox } from "./with-sandbox.ts";

const kind = { apiVersion: "v1", kind: "ConfigMap" };
const namespace = "default";
const patience = { timeout: 15_000 };
const kubeconfig = withSandbox({ runPods: false });
let client: KubeClient;

beforeAll(async () => {
  client = createKubeClient(await loadKubeConfig({ kubeconfig: kubeconfig(), env: {} }));
});

afterAll(() => client.close());

test("an object that ended before the answer to its last write came in is not known any more", async () => {
  const informer = createInformer(client, kind, { namespace });
  await informer.synced;
  // The real client, whose answers to updates are late.
  const answers: (() => void)[] = [];
  const late: KubeClient = {
    ...client,
    async update(object, options) {
      const answer = await client.update(object, options);
      await new Promise<void>((resolve) => answers.push(resolve));
      return answer;
    },
  };
  const store = createKindStore({ kind, client: late, informer, clock: systemClock });
  const key = { namespace, name: "short-lived" };
  try {
    const created = await store.create({ ...kind, metadata: { ...key }, data: { a: "1" } });
    expect(store.get(key)).toEqual(created);
    const updating = store.update({ ...created, data: { a: "2" } });
    await vi.waitUntil(() => (store.get(key)?.["data"] as { a?: string } | undefined)?.a === "2", patience);
    await client.delete({ ...kind, ...key });
    await vi.waitUntil(() => store.get(key) === undefined && answers.length > 0, patience);
    answers.forEach((answer) => answer());
    await updating;
    expect(store.get(key)).toBeUndefined();
    expect(store.list()).not.toContainEqual(expect.objectContaining({ data: { a: "2" } }));
    // Another object of the same name is known from the answer on.
    await store.create({ ...kind, metadata: { ...key }, data: { a: "3" } });
    expect(store.get(key)).toMatchObject({ data: { a: "3" } });
  } finally {
    await informer.close();
  }
});
