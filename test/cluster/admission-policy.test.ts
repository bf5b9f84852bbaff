import { createKubeClient, type KubeClient, loadKubeConfig } from "@package-operator/kube";
import { decodeYaml } from "@package-operator/kube-yaml";
import { toAdmissionPolicy } from "@package-operator/mirror";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

const documents = toAdmissionPolicy([{ from: "quay.io/", to: "mirror.example/quay/" }])
  .split("---\n")
  .map((text) => decodeYaml(text) as unknown as Parameters<KubeClient["apply"]>[0]);
const fieldManager = "admission-policy-test";
let client: KubeClient;

beforeAll(async () => {
  client = createKubeClient(await loadKubeConfig({ env: process.env }));
  // Without the namespace's ServiceAccount every Pod is refused for another reason.
  await vi.waitFor(
    () => client.get({ apiVersion: "v1", kind: "ServiceAccount", namespace: "default", name: "default" }),
    {
      timeout: 30_000,
    },
  );
});

afterAll(async () => {
  for (const object of documents) {
    await client.delete({ apiVersion: object.apiVersion, kind: object.kind, name: object.metadata.name! });
  }
  await client.close();
});

function createPod(spec: object): Promise<unknown> {
  const metadata = { generateName: "policy-", namespace: "default" };
  return client.create({ apiVersion: "v1", kind: "Pod", metadata, spec }, { dryRun: true });
}

test("the exported policy lets Pods from the mirror in and keeps all others out", async () => {
  for (const object of documents) await client.apply(object, { fieldManager });
  const outside = { containers: [{ name: "a", image: "quay.io/org/a:1" }] };
  await vi.waitFor(
    () => expect(createPod(outside)).rejects.toThrow("images must come from the mirror: quay.io/org/a:1"),
    {
      timeout: 30_000,
      interval: 200,
    },
  );
  const inside = [{ name: "a", image: "mirror.example/quay/org/a:1" }];
  await expect(createPod({ containers: inside })).resolves.toBeDefined();
  await expect(
    createPod({ containers: inside, initContainers: [{ name: "i", image: "quay.io/org/init:1" }] }),
  ).rejects.toThrow("quay.io/org/init:1");
  await expect(
    createPod({ containers: inside, volumes: [{ name: "v", image: { reference: "quay.io/org/data:1" } }] }),
  ).rejects.toThrow("quay.io/org/data:1");
});
