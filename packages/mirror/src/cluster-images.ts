import type { KubeClient, KubeObject, OwnerReference } from "@package-operator/kube";
import { isForbidden, isUnknownKind } from "@package-operator/kube";
import { items, member, podSpecOf, workloadImages, type ImageField } from "./pod-images.ts";
import { secretNames } from "./pull-secrets.ts";

/** One place of a cluster where an image is named or runs. */
export interface ImageUse extends ImageField {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly objectName: string;
  /**
   * - `running`: a Pod's container; `imageID` says what the node pulled;
   * - `workload`: the template of a Deployment, Job and the like;
   * - `package`: `spec.image` of a Package: written as the user gave it, resolved when it is pulled;
   * - `revision`: a workload inside an ObjectSet that is not archived;
   * - `planned`, `locked`: nothing in the cluster yet: named by a manifest, to be resolved when it is pulled, or in a lock.
   */
  readonly role: "running" | "workload" | "package" | "revision" | "planned" | "locked";
  readonly imageID?: string;
  /** Controllers from the object upwards, as `Kind name`, the package last. */
  readonly owners: readonly string[];
  /** Pull secrets that the Pod names, and its ServiceAccount; empty where it is not about a Pod. */
  readonly pullSecrets: readonly string[];
  readonly serviceAccount: string;
}

const WORKLOADS = [
  { apiVersion: "apps/v1", kind: "Deployment" },
  { apiVersion: "apps/v1", kind: "ReplicaSet" },
  { apiVersion: "apps/v1", kind: "StatefulSet" },
  { apiVersion: "apps/v1", kind: "DaemonSet" },
  { apiVersion: "batch/v1", kind: "Job" },
  { apiVersion: "batch/v1", kind: "CronJob" },
] as const;

const PKO = "package-operator.run/v1alpha1";
const PACKAGES = ["Package", "ClusterPackage", "HostedClusterPackage"].map((kind) => ({
  apiVersion: PKO,
  kind,
}));
const REVISIONS = ["ObjectSet", "ClusterObjectSet"].map((kind) => ({ apiVersion: PKO, kind }));
const DEPLOYMENTS = ["ObjectDeployment", "ClusterObjectDeployment"].map((kind) => ({
  apiVersion: PKO,
  kind,
}));

/** What of the cluster to look at. */
export interface CollectOptions {
  /** Only these namespaces; cluster-scoped objects are always included. Default: all. */
  readonly namespaces?: readonly string[];
  readonly excludeNamespaces?: readonly string[];
  readonly signal?: AbortSignal;
}

/** The images of a cluster, and what could not be read. */
export interface ClusterImages {
  readonly uses: readonly ImageUse[];
  /** Kinds that the server refused to list, with its words: a verification without them is incomplete. */
  readonly unreadable: readonly string[];
}

/** Reads every image that runs or is declared in a cluster: one list request per kind. */
export async function collectClusterImages(
  client: KubeClient,
  options: CollectOptions = {},
): Promise<ClusterImages> {
  const kinds = [{ apiVersion: "v1", kind: "Pod" }, ...WORKLOADS, ...PACKAGES, ...REVISIONS, ...DEPLOYMENTS];
  const unreadable: string[] = [];
  const lists = await Promise.all(
    kinds.map(async (kind) => {
      try {
        const { items: objects } = await client.list(kind, { signal: options.signal });
        // Lists leave the kind out of their items.
        return objects.map((object): KubeObject => ({ ...object, ...kind }));
      } catch (error) {
        if (isUnknownKind(error)) return [];
        if (!isForbidden(error)) throw error;
        unreadable.push(`${kind.kind}: ${error instanceof Error ? error.message : String(error)}`);
        return [];
      }
    }),
  );
  const objects = lists.flat();
  const byUid = new Map(objects.map((object) => [object.metadata.uid ?? "", object]));
  const uses = objects
    .filter((object) => isWanted(object, options))
    .flatMap((object) => imageUses(object, byUid));
  return { uses, unreadable };
}

function isWanted({ metadata: { namespace } }: KubeObject, options: CollectOptions): boolean {
  if (namespace === undefined) return true;
  if (options.excludeNamespaces?.includes(namespace) === true) return false;
  return options.namespaces === undefined || options.namespaces.includes(namespace);
}

function imageUses(object: KubeObject, byUid: ReadonlyMap<string, KubeObject>): ImageUse[] {
  const { role, fields } = objectImages(object);
  const { apiVersion, kind, metadata } = object;
  const place = { apiVersion, kind, namespace: metadata.namespace ?? "", objectName: metadata.name ?? "" };
  const owners = fields.length === 0 ? [] : ownerChain(object, byUid);
  const { spec } = podSpecOf(object);
  const account = member(spec, "serviceAccountName");
  const pull = {
    pullSecrets: secretNames(member(spec, "imagePullSecrets")),
    serviceAccount: typeof account === "string" ? account : "",
  };
  const ids = role === "running" ? imageIds(object) : new Map<string, string>();
  return fields.map((field) => {
    const imageID = ids.get(field.name);
    return { ...field, ...place, ...pull, role, owners, ...(imageID === undefined ? {} : { imageID }) };
  });
}

function objectImages(object: KubeObject): { role: ImageUse["role"]; fields: ImageField[] } {
  const spec = object["spec"];
  switch (object.kind) {
    case "Pod":
      return { role: "running", fields: workloadImages(object) };
    case "Package":
    case "ClusterPackage":
      return { role: "package", fields: packageImage(spec, "spec.image") };
    case "HostedClusterPackage":
      return {
        role: "package",
        fields: packageImage(member(member(spec, "template"), "spec"), "spec.template.spec.image"),
      };
    case "ObjectSet":
    case "ClusterObjectSet":
      return {
        role: "revision",
        fields: member(spec, "lifecycleState") === "Archived" ? [] : phaseImages(spec),
      };
    default:
      return { role: "workload", fields: isSuperseded(object) ? [] : workloadImages(object) };
  }
}

/** A ReplicaSet without replicas is history: nothing of it runs, and the Deployment's template is looked at anyway. */
function isSuperseded(object: KubeObject): boolean {
  return object.kind === "ReplicaSet" && member(object["spec"], "replicas") === 0;
}

function packageImage(spec: unknown, path: string): ImageField[] {
  const image = member(spec, "image");
  return typeof image === "string" ? [{ path, name: "", image }] : [];
}

function phaseImages(spec: unknown): ImageField[] {
  return items(member(spec, "phases")).flatMap((phase, phaseIndex) =>
    items(member(phase, "objects")).flatMap((entry, index) =>
      workloadImages(member(entry, "object"), `spec.phases[${phaseIndex}].objects[${index}].object`),
    ),
  );
}

/** What the node reports to have pulled, by container name. */
function imageIds(pod: KubeObject): Map<string, string> {
  const ids = new Map<string, string>();
  for (const list of ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"]) {
    for (const status of items(member(pod["status"], list))) {
      const name = member(status, "name");
      const id = member(status, "imageID");
      if (typeof name === "string" && typeof id === "string" && id !== "") ids.set(name, id);
    }
  }
  return ids;
}

function ownerChain(object: KubeObject, byUid: ReadonlyMap<string, KubeObject>): string[] {
  const chain: string[] = [];
  const seen = new Set<string>();
  let owner: OwnerReference | undefined = controllerOf(object);
  while (owner !== undefined && !seen.has(owner.uid)) {
    seen.add(owner.uid);
    chain.push(`${owner.kind} ${owner.name}`);
    const next = byUid.get(owner.uid);
    owner = next === undefined ? undefined : controllerOf(next);
  }
  return chain;
}

function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true);
}
