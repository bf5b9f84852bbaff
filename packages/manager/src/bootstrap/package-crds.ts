import { cacheLabelValue, labels } from "@package-operator/api";
import {
  type CallOptions,
  type Clock,
  isAlreadyExists,
  type KubeClient,
  type KubeObject,
  waitFor,
} from "@package-operator/kube";
import { isJsonObject } from "@package-operator/kube-yaml";
import { contextJson, filterObjects, type Package, parseObjects } from "@package-operator/packaging";
import { createConditionEnvironment } from "@package-operator/schema";
import type { Logger } from "@package-operator/controller";
import { ManagerError } from "../errors.ts";

/** How long the server may take to serve a new CRD. */
const establishTimeout = 60_000;

/** The CRDs of a package, from its plain files: nothing is configured yet that templates could be run with. */
export function crdsOfPackage(component: Package): KubeObject[] {
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
    .objects.map(({ object }) => object as unknown as KubeObject)
    .filter(
      ({ apiVersion, kind }) =>
        apiVersion.startsWith("apiextensions.k8s.io/") && kind === "CustomResourceDefinition",
    )
    .map((crd) => ({
      ...crd,
      metadata: { ...crd.metadata, labels: { ...crd.metadata.labels, [labels.cache]: cacheLabelValue } },
    }));
}

/** Creates the CRDs that are missing, and waits until the server serves all of them. Existing ones are left alone. */
export async function ensureCrds(
  client: KubeClient,
  crds: readonly KubeObject[],
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
    await waitFor(client, ref, isEstablished, { timeoutMs: establishTimeout, clock, signal });
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

function isEstablished(crd: KubeObject | undefined): boolean {
  const status = crd?.["status"];
  const conditions = isJsonObject(status) ? status["conditions"] : undefined;
  return (
    Array.isArray(conditions) &&
    conditions.some(
      (entry) => isJsonObject(entry) && entry["type"] === "Established" && entry["status"] === "True",
    )
  );
}

function servedKinds(crd: KubeObject): { apiVersion: string; kind: string }[] {
  const spec = crd["spec"];
  if (!isJsonObject(spec) || !isJsonObject(spec["names"]) || !Array.isArray(spec["versions"])) return [];
  const group = String(spec["group"]);
  const kind = String(spec["names"]["kind"]);
  return spec["versions"]
    .filter(isJsonObject)
    .filter(({ served }) => served === true)
    .map(({ name }) => ({ apiVersion: `${group}/${String(name)}`, kind }));
}
