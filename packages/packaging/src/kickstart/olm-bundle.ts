import path from "node:path";
import { decodeYaml, isJsonObject, type JsonObject, type JsonValue } from "@package-operator/kube-yaml";
import type { ContentSource } from "@package-operator/oci";
import { PackageError } from "../errors.ts";
import { findImage, readImageFiles } from "../image-files.ts";
import { objectAt, objectsAt, textAt } from "./json-fields.ts";
import { isClusterScoped } from "./known-kinds.ts";
import { type BundlePermission, readPermissions, roleName } from "./olm-names.ts";
import { identifyObjects, readSourceObjects } from "./source-object.ts";

/** What an OLM bundle installs, as plain objects. */
export interface OlmBundle {
  /** Name of the package that the bundle belongs to. */
  readonly packageName: string;
  readonly objects: readonly JsonObject[];
}

const annotationsFile = "metadata/annotations.yaml";
const manifestsFolder = "manifests/";

/** Reads the files of a bundle image (format registry+v1). */
export async function importOlmBundle(
  source: ContentSource,
  reference: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { manifest } = await findImage(source, reference, options.signal);
  const pathOf = (entry: string): string | undefined => {
    const name = path.posix.normalize(entry).replace(/^\//, "");
    return name.startsWith(manifestsFolder) || name === annotationsFile ? name : undefined;
  };
  return readImageFiles(source, manifest, { pathOf }, options);
}

/**
 * Makes of a bundle what the Operator Lifecycle Manager would create for all namespaces, or for the operator's own.
 * @throws PackageError `io` for content that is no bundle or needs the manager itself.
 */
export function convertOlmBundle(files: ReadonlyMap<string, Uint8Array>): OlmBundle {
  const packageName = readPackageName(files);
  const objects = readManifests(files);
  const ofKind = (kind: string): JsonObject[] => objects.filter((object) => object["kind"] === kind);
  const [csv] = ofKind("ClusterServiceVersion");
  if (csv === undefined) throw bundleError("no ClusterServiceVersion in the manifests");
  const spec = objectAt(csv, "spec");
  refuseUnsupported(spec);
  const annotations = objectAt(objectAt(csv, "metadata"), "annotations");
  const place: Place = {
    csvName: textAt(objectAt(csv, "metadata"), "name"),
    namespace: textAt(annotations, "operatorframework.io/suggested-namespace") || `${packageName}-system`,
  };
  const targetsAll = supportsAllNamespaces(spec);
  const strategy = objectAt(objectAt(spec, "install"), "spec");
  const permissions = readPermissions(strategy, "permissions");
  const clusterPermissions = readPermissions(strategy, "clusterPermissions");
  const deployments = objectsAt(strategy, "deployments");
  const accounts = [
    ...deployments.map((deployment) => serviceAccountOf(deployment)),
    ...[...permissions, ...clusterPermissions].map(({ serviceAccountName }) => serviceAccountName),
  ];
  return {
    packageName,
    objects: [
      ...[...new Set(accounts)]
        .filter((name) => name !== "" && name !== "default")
        .map((name) => object("v1", "ServiceAccount", name, place.namespace)),
      ...(targetsAll ? [] : permissions.flatMap((permission) => roles(permission, place, "Role"))),
      ...[...clusterPermissions, ...(targetsAll ? permissions : [])].flatMap((permission) =>
        roles(permission, place, "ClusterRole"),
      ),
      ...ofKind("CustomResourceDefinition").map(({ status: _status, ...definition }) => definition),
      ...objects
        .filter(({ kind }) => kind !== "ClusterServiceVersion" && kind !== "CustomResourceDefinition")
        .map((other) => inNamespace(other, place.namespace)),
      ...deployments.map((deployment) =>
        deploymentOf(deployment, annotations, { ...place, targets: targetsAll ? "" : place.namespace }),
      ),
    ],
  };
}

interface Place {
  readonly csvName: string;
  /** Where the operator is installed. */
  readonly namespace: string;
}

function bundleError(reason: string, cause?: unknown): PackageError {
  return new PackageError("io", reason, { cause });
}

function readPackageName(files: ReadonlyMap<string, Uint8Array>): string {
  const content = files.get(annotationsFile);
  if (content === undefined) throw bundleError(`open ${annotationsFile}: file does not exist`);
  let value: JsonValue;
  try {
    value = decodeYaml(content);
  } catch (cause) {
    throw bundleError(`${annotationsFile}: ${(cause as Error).message}`, cause);
  }
  const annotations = isJsonObject(value) ? objectAt(value, "annotations") : {};
  const name = textAt(annotations, "operators.operatorframework.io.bundle.package.v1");
  if (name !== "") return name;
  throw bundleError(`${annotationsFile} does not name the package`);
}

function readManifests(files: ReadonlyMap<string, Uint8Array>): JsonObject[] {
  const names = [...files.keys()].filter((name) => name.startsWith(manifestsFolder)).toSorted();
  const nested = names.find((name) => name.slice(manifestsFolder.length).includes("/"));
  if (nested !== undefined) {
    const folder = nested.slice(0, nested.indexOf("/", manifestsFolder.length));
    throw bundleError(
      `subdirectories are not allowed within the "manifests" directory of the bundle image filesystem: found "${folder}"`,
    );
  }
  return names.flatMap((name) => {
    try {
      return readSourceObjects(Buffer.from(files.get(name)!).toString("utf8"));
    } catch (cause) {
      throw bundleError(`${name}: ${(cause as Error).message}`, cause);
    }
  });
}

function refuseUnsupported(spec: JsonObject): void {
  const services = objectAt(spec, "apiservicedefinitions");
  if (objectsAt(services, "owned").length > 0 || objectsAt(services, "required").length > 0) {
    // Upstream's spelling.
    throw bundleError("apiServiceDefintions are not supported");
  }
  if (objectsAt(spec, "webhookdefinitions").length > 0)
    throw bundleError("webhookDefinitions are not supported");
}

/** Whether the operator watches all namespaces; false when only its own. */
function supportsAllNamespaces(spec: JsonObject): boolean {
  const modes = objectsAt(spec, "installModes")
    .filter(({ supported }) => supported === true)
    .map((mode) => textAt(mode, "type"))
    .toSorted();
  if (modes.includes("AllNamespaces")) return true;
  if (modes.includes("OwnNamespace")) return false;
  throw bundleError(`supported install modes [${modes.join(" ")}] do not support targeting all namespaces`);
}

function serviceAccountOf(deployment: JsonObject): string {
  const pod = objectAt(objectAt(objectAt(deployment, "spec"), "template"), "spec");
  return textAt(pod, "serviceAccountName");
}

function object(apiVersion: string, kind: string, name: string, namespace?: string): JsonObject {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}

function roles(permission: BundlePermission, place: Place, kind: "Role" | "ClusterRole"): JsonObject[] {
  const group = "rbac.authorization.k8s.io";
  const name = roleName(place.csvName, permission);
  const namespace = kind === "Role" ? place.namespace : undefined;
  const subject = {
    kind: "ServiceAccount",
    name: permission.serviceAccountName,
    namespace: place.namespace,
  };
  return [
    { ...object(`${group}/v1`, kind, name, namespace), rules: [...permission.rules] },
    {
      ...object(`${group}/v1`, `${kind}Binding`, name, namespace),
      roleRef: { apiGroup: group, kind, name },
      subjects: [subject],
    },
  ];
}

function inNamespace(other: JsonObject, namespace: string): JsonObject {
  const [found] = identifyObjects([other]);
  if (found === undefined || isClusterScoped(found.kind)) return other;
  return { ...other, metadata: { ...objectAt(other, "metadata"), namespace } };
}

function deploymentOf(
  deployment: JsonObject,
  csvAnnotations: JsonObject,
  { namespace, targets }: Place & { readonly targets: string },
): JsonObject {
  const spec = objectAt(deployment, "spec");
  const podAnnotations = objectAt(objectAt(objectAt(spec, "template"), "metadata"), "annotations");
  const labels = objectAt(deployment, "label");
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name: textAt(deployment, "name"),
      namespace,
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      annotations: { ...csvAnnotations, ...podAnnotations, "olm.targetNamespaces": targets },
    },
    spec,
  };
}
