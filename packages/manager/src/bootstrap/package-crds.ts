import { cacheLabelValue, labels } from "@package-operator/api";
import {
  type CallOptions,
  type Clock,
  isAlreadyExists,
  type KubeClient,
  refOf,
  waitFor,
} from "@package-operator/kube";
import { contextJson, filterObjects, type Package, parseObjects } from "@package-operator/packaging";
import { createConditionEnvironment } from "@package-operator/schema";
import type { Logger } from "@package-operator/controller";
import { ManagerError } from "../errors.ts";
import type { CrdObject } from "./foreign-objects.ts";

/** How long the server may take to serve a new CRD. */
const establishTimeout = 60_000;

/** The CRDs of a package, from its plain files: nothing is configured yet that templates could be run with. */
export function crdsOfPackage(component: Package): CrdObject[] {
  const plain = new Map([...component.files].filter(([path]) => !path.endsWith(".gotmpl")));
  const { manifest } = component;
  const objects = parseObjects(plain, { manifestName: manifest.metadata.name, packageName: "" });
  const nothing = contextJson({
    package: { metadata: { name: "", namespace: "" }, image: "" },
    config: null,
    images: null,
    dependencies: null,
    environment: { kubernetes: { version: "" } },
  });
  const conditions = createConditionEnvironment(nothing, manifest.spec.filter.conditions);
  return filterObjects(manifest, objects, conditions)
    .objects.map(({ object }) => object as unknown as CrdObject)
    .filter(
      ({ apiVersion, kind }) =>
        apiVersion.startsWith("apiextensions.k8s.io/") && kind === "CustomResourceDefinition",
    )
    .map(withCacheLabel);
}

function withCacheLabel(crd: CrdObject): CrdObject {
  const { metadata } = crd;
  return {
    ...crd,
    metadata: { ...metadata, labels: { ...metadata.labels, [labels.cache]: cacheLabelValue } },
  };
}

/**
 * Creates the CRDs that are missing, and waits until the server serves them. Existing ones are left alone. Gives back
 * those that cannot be served, because CRDs of older releases have their names.
 */
export async function ensureCrds(
  client: KubeClient,
  crds: readonly CrdObject[],
  options: CallOptions & { logger: Logger; clock: Clock },
): Promise<CrdObject[]> {
  const { logger, clock, signal } = options;
  await Promise.all(
    crds.map(async (crd) => {
      logger.info("ensuring CRD", { name: crd.metadata.name });
      try {
        await client.create(crd, { signal });
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
    }),
  );
  const refused: CrdObject[] = [];
  const isSettled = (seen: CrdObject | undefined) => isEstablished(seen) || isRefused(seen);
  const patience = { timeoutMs: establishTimeout, clock, signal };
  for (const crd of crds) {
    if (isRefused(await waitFor<CrdObject>(client, refOf(crd), isSettled, patience))) refused.push(crd);
  }
  const accepted = crds.filter((crd) => !refused.includes(crd));
  await waitUntilAllServed(client, accepted, { clock, signal });
  return refused;
}

/** Waits until the server serves CRDs whose names have become free. */
export async function awaitCrds(
  client: KubeClient,
  crds: readonly CrdObject[],
  { clock, signal }: CallOptions & { clock: Clock },
): Promise<void> {
  if (crds.length === 0) return;
  const patience = { timeoutMs: establishTimeout, clock, signal };
  for (const crd of crds) await waitFor<CrdObject>(client, refOf(crd), isEstablished, patience);
  await waitUntilAllServed(client, crds, { clock, signal });
}

async function waitUntilAllServed(
  client: KubeClient,
  crds: readonly CrdObject[],
  options: CallOptions & { clock: Clock },
): Promise<void> {
  client.discovery.invalidate();
  for (const kind of crds.flatMap(servedKinds)) await waitUntilServed(client, kind, options);
}

/** Discovery follows a moment after the condition. */
async function waitUntilServed(
  client: KubeClient,
  kind: { apiVersion: string; kind: string },
  { clock, signal }: CallOptions & { clock: Clock },
): Promise<void> {
  const deadline = clock.monotonic() + establishTimeout;
  while (!(await client.discovery.serves(kind, { signal }))) {
    if (clock.monotonic() > deadline) {
      throw new ManagerError("bootstrap", `${kind.kind} in ${kind.apiVersion} is not served after a minute`);
    }
    await clock.sleep(200, { signal });
    client.discovery.invalidate(kind.apiVersion);
  }
}

function isEstablished(crd: CrdObject | undefined): boolean {
  return hasCondition(crd, "Established", "True");
}

/** A CRD that was established once is served, whatever became of its names. */
function isRefused(crd: CrdObject | undefined): boolean {
  return hasCondition(crd, "NamesAccepted", "False") && !isEstablished(crd);
}

function hasCondition(crd: CrdObject | undefined, wanted: string, as: string): boolean {
  const conditions = crd?.status?.conditions ?? [];
  return conditions.some(({ type, status }) => type === wanted && status === as);
}

function servedKinds({ spec }: CrdObject): { apiVersion: string; kind: string }[] {
  return spec.versions
    .filter(({ served }) => served)
    .map(({ name }) => ({ apiVersion: `${spec.group}/${name}`, kind: spec.names.kind }));
}
