import {
  createKubeClient,
  isKubeError,
  type KubeClient,
  type KubeObject,
  loadKubeConfig,
} from "@package-operator/kube";
import type { JsonObject } from "@package-operator/kube-yaml";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { recordedUpdates, sortedCauses } from "../../packages/schema/src/testing/recorded-updates.ts";
import { untilServed } from "./cluster.ts";
import { fresh } from "./defects-world.ts";

const { schema, updates } = recordedUpdates();
const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
const timeout = 60_000;

/** What may be changed in objects that are older than the schema of their kind. */
export function crdUpdateScenarios(kubeconfig: () => string): void {
  let client: KubeClient;
  const group = `${fresh("updates")}.example.com`;
  const kind = { apiVersion: `${group}/v1`, kind: "Update" };
  const ref = (index: number) => ({ ...kind, name: `u${index}`, namespace: "default" });
  const definition = (openAPIV3Schema: object): KubeObject => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `updates.${group}` },
    spec: {
      ...{ group, scope: "Namespaced", names: { plural: "updates", kind: kind.kind } },
      versions: [
        {
          ...{ name: "v1", served: true, storage: true, subresources: { status: {} } },
          schema: { openAPIV3Schema: openAPIV3Schema as JsonObject },
        },
      ],
    },
  });

  beforeAll(async () => {
    client = createKubeClient(await loadKubeConfig({ kubeconfig: kubeconfig(), env: {} }));
    await client.create(definition({ type: "object", properties: { spec: anything, status: anything } }));
    await untilServed(client, kind);
    for (const [index, { old }] of updates.entries()) {
      const { name, namespace } = ref(index);
      const object = { ...kind, metadata: { name, namespace }, spec: old["spec"] ?? {} };
      const stored = await vi.waitFor(() => client.create<KubeObject>(object), { timeout });
      const { status } = old;
      if (status !== undefined) await client.updateStatus({ ...stored, status });
    }
    const { apiVersion, kind: crd, metadata, spec } = definition(schema);
    const strict = { apiVersion, kind: crd, name: metadata.name ?? "" };
    await client.patch(strict, { type: "merge", body: { spec: spec! } });
    // A server goes on with the schema it has for a moment.
    const canary = { ...kind, metadata: { name: "canary", namespace: "default" }, spec: { s: "a" } };
    await vi.waitUntil(async () => (await causesOf(client.create(canary, { dryRun: true }))).length > 0, {
      timeout,
    });
  }, 2 * timeout);

  afterAll(async () => {
    const { apiVersion, kind: crd, metadata } = definition({});
    await client?.delete({ apiVersion, kind: crd, name: metadata.name ?? "" });
    await client?.close();
  });

  describe("an object from before its schema", () => {
    test.each(updates.map((update, index) => [JSON.stringify(update), update, index] as const))(
      "%s",
      async (_text, update, index) => {
        const object = { ...(await client.get(ref(index))), ...update.new };
        const { subresource } = update;
        const write = client.update(object, { dryRun: true, ...(subresource ? { subresource } : {}) });
        expect(sortedCauses(await causesOf(write))).toEqual(sortedCauses(update.causes));
      },
    );
  });
}

/** The server's complaints about a write; none when it was accepted. */
async function causesOf(write: Promise<unknown>): Promise<readonly object[]> {
  try {
    await write;
    return [];
  } catch (error) {
    const causes = isKubeError(error) ? error.status?.details?.causes : undefined;
    if (causes === undefined) throw error;
    return causes;
  }
}
