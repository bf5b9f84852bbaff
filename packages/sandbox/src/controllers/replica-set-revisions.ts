import { createHash } from "node:crypto";
import {
  copy,
  ensureObject,
  equalJson,
  getNumber,
  getObject,
  getString,
  getStringMap,
  type JsonObject,
  type JsonValue,
  metadataOf,
  nameOf,
  namespaceOf,
} from "../json.ts";
import { isRefusal, type LocalClient, localRef } from "./local-client.ts";
import { controllerReference, controllerUid } from "./owned-objects.ts";

const collection = "apps/replicasets";
const hashLabel = "pod-template-hash";
const revisionAnnotation = "deployment.kubernetes.io/revision";

/** Annotations that a Deployment does not hand on to its ReplicaSets. */
const ownAnnotations: ReadonlySet<string> = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  revisionAnnotation,
  "deployment.kubernetes.io/desired-replicas",
  "deployment.kubernetes.io/max-replicas",
]);

/** The ReplicaSet that has the Deployment's present template. */
export function findNewSet(deployment: JsonObject, sets: readonly JsonObject[]): JsonObject | undefined {
  const template = withoutHash(getObject(deployment, "spec", "template") ?? {});
  return sets
    .toSorted((a, b) => (createdOf(a) < createdOf(b) ? -1 : 1))
    .find((set) => equalJson(withoutHash(getObject(set, "spec", "template") ?? {}), template));
}

/** The present template's ReplicaSet, made when it is missing, with the highest revision. */
export function makeNewSet(
  client: LocalClient,
  deployment: JsonObject,
  sets: readonly JsonObject[],
  found: JsonObject | undefined,
  replicas: number,
): JsonObject {
  const highest = Math.max(0, ...sets.filter((set) => set !== found).map(revisionOf));
  const revision = found !== undefined && revisionOf(found) > highest ? revisionOf(found) : highest + 1;
  const current =
    found === undefined
      ? createSet(client, deployment, revision, replicas)
      : annotate(client, found, revision);
  const metadata = metadataOf(deployment);
  if (getStringMap(metadata, "annotations")[revisionAnnotation] !== String(revision)) {
    const annotated = copy(deployment);
    ensureObject(metadataOf(annotated), "annotations")[revisionAnnotation] = String(revision);
    // Through the status endpoint, where annotations do not count into the generation.
    client.update("apps/deployments", annotated, "status");
  }
  return current;
}

function createSet(
  client: LocalClient,
  deployment: JsonObject,
  revision: number,
  replicas: number,
): JsonObject {
  const template = copy(getObject(deployment, "spec", "template") ?? {});
  const hash = hashTemplate(template, getNumber(deployment, "status", "collisionCount") ?? 0);
  ensureObject(ensureObject(template, "metadata"), "labels")[hashLabel] = hash;
  const selector = copy(getObject(deployment, "spec", "selector") ?? {});
  ensureObject(selector, "matchLabels")[hashLabel] = hash;
  const minReadySeconds = getNumber(deployment, "spec", "minReadySeconds");
  const annotations = Object.fromEntries(
    Object.entries(getStringMap(deployment, "metadata", "annotations")).filter(
      ([key]) => !ownAnnotations.has(key),
    ),
  );
  const set: JsonObject = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${nameOf(deployment)}-${hash}`,
      namespace: namespaceOf(deployment),
      labels: getObject(template, "metadata", "labels") ?? {},
      annotations: { ...annotations, ...sizeAnnotations(deployment), [revisionAnnotation]: String(revision) },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: { replicas, selector, template, ...(minReadySeconds === undefined ? {} : { minReadySeconds }) },
  };
  try {
    return client.create(collection, set);
  } catch (error) {
    if (!isRefusal(error, "AlreadyExists")) throw error;
    const other = client.get(localRef(collection, set));
    if (other !== undefined && controllerUid(other) === metadataOf(deployment)["uid"]) return other;
    // Somebody else has that name: the next round hashes with a higher count.
    const collisionCount = (getNumber(deployment, "status", "collisionCount") ?? 0) + 1;
    client.updateStatus(localRef("apps/deployments", deployment), {
      ...getObject(deployment, "status"),
      collisionCount,
    });
    throw error;
  }
}

function sizeAnnotations(deployment: JsonObject): Record<string, string> {
  const wanted = getNumber(deployment, "spec", "replicas") ?? 1;
  return { "deployment.kubernetes.io/desired-replicas": String(wanted) };
}

function annotate(client: LocalClient, set: JsonObject, revision: number): JsonObject {
  if (revisionOf(set) === revision) return set;
  const patch = { metadata: { annotations: { [revisionAnnotation]: String(revision) } } };
  return client.patch(localRef(collection, set), patch) ?? set;
}

/** Sets the wanted number of a ReplicaSet, when it is another. */
export function scaleSet(client: LocalClient, set: JsonObject, replicas: number): JsonObject {
  if (replicasOf(set) === replicas) return set;
  return client.patch(localRef(collection, set), { spec: { replicas } }) ?? set;
}

/** How many Pods a ReplicaSet should have. */
export function replicasOf(set: JsonObject): number {
  return getNumber(set, "spec", "replicas") ?? 0;
}

/** Deletes the oldest empty ReplicaSets beyond the history limit. */
export function pruneHistory(client: LocalClient, deployment: JsonObject, sets: readonly JsonObject[]): void {
  const limit = getNumber(deployment, "spec", "revisionHistoryLimit") ?? 10;
  const current = findNewSet(deployment, sets);
  const old = sets
    .filter(
      (set) => set !== current && replicasOf(set) === 0 && (getNumber(set, "status", "replicas") ?? 0) === 0,
    )
    .toSorted((a, b) => revisionOf(a) - revisionOf(b));
  for (const set of old.slice(0, Math.max(0, old.length - limit))) client.delete(localRef(collection, set));
}

function revisionOf(set: JsonObject): number {
  return Number(getStringMap(set, "metadata", "annotations")[revisionAnnotation] ?? 0);
}

function createdOf(set: JsonObject): string {
  return getString(set, "metadata", "creationTimestamp");
}

function withoutHash(template: JsonObject): JsonObject {
  const bare = copy(template);
  const labels = getObject(bare, "metadata", "labels");
  if (labels !== undefined) delete labels[hashLabel];
  return bare;
}

/** Ten characters that stand for a template; not the ones the real controller would choose. */
function hashTemplate(template: JsonObject, collisionCount: number): string {
  const letters = "bcdfghjklmnpqrstvwxz2456789";
  const digest = createHash("sha256").update(canonical(template)).update(String(collisionCount)).digest();
  return [...digest.subarray(0, 10)].map((byte) => letters.charAt(byte % letters.length)).join("");
}

function canonical(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, child]) => `${key}:${canonical(child)}`).join()}}`;
}
