import { apiVersion, installation, kinds, labels } from "@package-operator/api";
import {
  type CallOptions,
  isNotFound,
  isUnknownKind,
  type KubeClient,
  type KubeObject,
  refOf,
  waitFor,
} from "@package-operator/kube";
import type { StepOptions } from "./cluster-package.ts";
import type { Fix } from "./fixes.ts";

const crdKind = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" } as const;
const singulars = ["clusterobjectslice", "objectslice"] as const;

/** How long an object may take to go. */
const timeoutMs = 60_000;

/**
 * Release 1.7.0 renamed the CRDs of slices from singular to plural; where both exist the API server serves neither
 * properly. The operator's own revisions have to go first, or they would put the old CRDs back.
 */
export const crdPluralizationFix: Fix = {
  name: "*fix.CRDPluralizationFix",
  async applies(client, options) {
    const both = await Promise.all(
      singulars.map(async (singular) => {
        const found = await Promise.all(
          [singular, `${singular}s`].map((name) => findCrd(client, name, options)),
        );
        return found.every((crd) => crd !== undefined);
      }),
    );
    return both.includes(true);
  },
  async run(client, options) {
    await orphanOwnSets(client, options);
    for (const singular of singulars) {
      const ref = { ...crdKind, name: crdName(singular) };
      await ignoreMissing(client.delete(ref, { signal: options.signal }));
      await waitUntilGone(client, ref, options);
    }
  },
};

function crdName(plural: string): string {
  return `${plural}.package-operator.run`;
}

function findCrd(client: KubeClient, plural: string, options: CallOptions): Promise<KubeObject | undefined> {
  return client.find({ ...crdKind, name: crdName(plural) }, { signal: options.signal });
}

async function orphanOwnSets(client: KubeClient, options: StepOptions): Promise<void> {
  const kind = { apiVersion, kind: kinds.ClusterObjectSet.kind };
  const selection = {
    labelSelector: `${labels.package}=${installation.clusterPackage}`,
    signal: options.signal,
  };
  const { items } = await client.list(kind, selection).catch((error: unknown) => {
    if (isUnknownKind(error)) return { items: [] };
    throw error;
  });
  for (const set of items) {
    const ref = refOf(set);
    await ignoreMissing(client.delete(ref, { propagation: "Orphan", signal: options.signal }));
    const body = { metadata: { finalizers: null } };
    await ignoreMissing(client.patch(ref, { type: "merge", body }, { signal: options.signal }));
    await waitUntilGone(client, ref, options);
  }
}

async function waitUntilGone(
  client: KubeClient,
  ref: ReturnType<typeof refOf>,
  options: StepOptions,
): Promise<void> {
  const { clock, signal } = options;
  await waitFor(client, ref, (object) => object === undefined, { timeoutMs, clock, signal });
}

async function ignoreMissing(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
