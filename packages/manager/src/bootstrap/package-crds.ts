import { cacheLabelValue, labels } from "@package-operator/api";
import {
  type CallOptions,
  type Clock,
  isAlreadyExists,
  type KubeClient,
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

/** Creates the CRDs that are missing, and waits until the server serves all of them. Existing ones are left alone. */
export async function ensureCrds(
  client: KubeClient,
  crds: readonly CrdObject[],
  options: CallOptions & { logger: Logger; clock: Clock },
): Promise<void> {
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
  for (const crd of crds) {
    const ref = { apiVersion: crd.apiVersion, kind: crd.kind, name: crd.metadata.name ?? "" };
    await waitFor<CrdObject>(client, ref, isEstablished, { timeoutMs: establishTimeout, clock, signal });
  }
  client.discovery.invalidate();
  for (const kind of crds.flatMap(servedKinds)) await waitUntilServed(client, kind, { clock, signal });
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
  const conditions = crd?.status?.conditions ?? [];
  return conditions.some(({ type, status }) => type === "Established" && status === "True");
}

function servedKinds({ spec }: CrdObject): { apiVersion: string; kind: string }[] {
  return spec.versions
    .filter(({ served }) => served)
    .map(({ name }) => ({ apiVersion: `${spec.group}/${name}`, kind: spec.names.kind }));
}
