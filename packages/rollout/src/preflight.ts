import { type ApiResource, formatKind, isUnknownKind, type KubeObject } from "@package-operator/kube";
import type { Cluster, RolloutOptions } from "./cluster.ts";
import type { Revision } from "./revision-context.ts";
import { isRefusal, type Violation } from "./violation.ts";

/** How the kind of an object is served; undefined when it is not. */
export async function resolveKind(
  cluster: Cluster,
  object: KubeObject,
  options: RolloutOptions = {},
): Promise<ApiResource | undefined> {
  try {
    return await cluster.client.discovery.resourceFor(object, options);
  } catch (error) {
    if (isUnknownKind(error)) return undefined;
    throw error;
  }
}

/** Metadata that names one stored object, which a manifest cannot know. */
const serverFields = ["uid", "resourceVersion", "generateName", "managedFields"] as const;

/** What is wrong with a manifest before the server sees it. `resource` is undefined for a kind that is not served. */
export function checkManifest(
  manifest: KubeObject,
  resource: Pick<ApiResource, "namespaced"> | undefined,
  revision: Pick<Revision, "namespace" | "ownership">,
): string[] {
  if (resource === undefined) return [`${formatKind(manifest)} not registered on the api server.`];
  const messages: string[] = [];
  if ((manifest.metadata.ownerReferences ?? []).length > 0) {
    messages.push("Object must not have a owner reference.");
  }
  for (const field of serverFields) {
    if (manifest.metadata[field]) messages.push(`metadata.${field}: Forbidden: must be empty`);
  }
  const scope = checkScope(manifest.metadata.namespace ?? "", resource.namespaced, revision);
  if (scope !== undefined) messages.push(scope);
  return messages;
}

/**
 * The kind's scope is judged before the namespace: a namespace written on a cluster-scoped object means nothing to the
 * server and must not carry it past this check.
 */
function checkScope(
  namespace: string,
  namespaced: boolean,
  revision: Pick<Revision, "namespace" | "ownership">,
): string | undefined {
  if (revision.namespace === "") {
    return namespaced && namespace === ""
      ? "Object doesn't have a namespace and no default is provided."
      : undefined;
  }
  if (!revision.ownership.sameCluster) return undefined;
  if (!namespaced) return "Must be namespaced scoped when part of an non-cluster-scoped API.";
  return namespace === "" || namespace === revision.namespace
    ? undefined
    : "Must stay within the same namespace.";
}

/** Asks the server what it would say to `desired`, changing nothing. */
export async function dryRun(
  cluster: Cluster,
  object: { manifest: KubeObject; desired: KubeObject },
  fieldManager: string,
  options: RolloutOptions = {},
): Promise<Violation | undefined> {
  try {
    await cluster.client.apply(object.desired, { ...options, fieldManager, force: true, dryRun: true });
    return undefined;
  } catch (error) {
    if (isRefusal(error)) return { object: object.manifest, message: error.message };
    throw error;
  }
}
