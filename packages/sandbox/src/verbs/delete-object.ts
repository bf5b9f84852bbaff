import { notSupported } from "@package-operator/schema";
import {
  copy,
  getNumber,
  getString,
  getStrings,
  getValue,
  isObject,
  type JsonObject,
  metadataOf,
  nameOf,
  uidOf,
} from "../json.ts";
import { conflict, invalidObject } from "../refusals.ts";
import { collectionOf, type Resource } from "../resources/resource.ts";
import { objectKey } from "../storage/object-store.ts";
import { type ApiContext, formatTime, readObject, type Target, toStorage, toVersion } from "./api-context.ts";
import { finalizersOf } from "./update-object.ts";

/** `DeleteOptions` of a request. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
  readonly dryRun?: boolean;
}

/** What became of a deletion. */
export interface DeleteResult {
  /** The object as it was last, or as it waits to go. */
  readonly object: JsonObject;
  /** Whether it is gone. */
  readonly gone: boolean;
}

/** Finalizers by which a deletion tells the garbage collector what to do with dependents. */
const propagationFinalizers: Readonly<Record<string, string>> = {
  Orphan: "orphan",
  Foreground: "foregroundDeletion",
};

/**
 * Deletes an object, or marks it when finalizers or a grace period keep it.
 *
 * @throws StatusError 409 when a precondition fails.
 */
export function deleteObject(context: ApiContext, target: Target, options: DeleteOptions): DeleteResult {
  const { resource, namespace, name } = target;
  const live = readObject(context, target);
  checkPreconditions(resource, live, options);
  const finalizers = collectorFinalizers(resource, live, options);
  const object = copy(live);
  putFinalizers(object, finalizers);
  const deleting = getString(live, "metadata", "deletionTimestamp") !== "";
  const grace = resource.strategy.gracePeriod?.(live, options.gracePeriodSeconds) ?? 0;
  if (finalizersOf(resource, object).length === 0 && grace === 0) {
    if (options.dryRun !== true) context.store.delete(collectionOf(resource), objectKey(namespace, name));
    // What can wait says so in its last words, too.
    if (resource.strategy.gracePeriod !== undefined && !deleting) markDeleted(context, resource, object, 0);
    return { object: resource.strategy.gracePeriod === undefined ? live : object, gone: true };
  }
  const pending = getNumber(live, "metadata", "deletionGracePeriodSeconds") ?? 0;
  if (!deleting || grace < pending) markDeleted(context, resource, object, grace);
  else if (getStrings(live, "metadata", "finalizers").join() === finalizers.join())
    return { object: live, gone: false };
  if (options.dryRun === true) return { object, gone: false };
  const stored = context.store.put(collectionOf(resource), toStorage(object, resource));
  return { object: toVersion(stored, resource), gone: false };
}

function markDeleted(context: ApiContext, resource: Resource, object: JsonObject, grace: number): void {
  const metadata = metadataOf(object);
  metadata["deletionTimestamp"] = formatTime(new Date(context.now().getTime() + grace * 1000));
  metadata["deletionGracePeriodSeconds"] = grace;
  if (typeof metadata["generation"] === "number" && resource.strategy.deletionGeneration !== false) {
    metadata["generation"] += 1;
  }
  resource.strategy.markDeleted?.(object, context.now());
}

function putFinalizers(object: JsonObject, finalizers: readonly string[]): void {
  if (finalizers.length === 0) delete metadataOf(object)["finalizers"];
  else metadataOf(object)["finalizers"] = [...finalizers];
}

/** The object's finalizers with those of the garbage collector as the deletion wants them. */
function collectorFinalizers(resource: Resource, live: JsonObject, options: DeleteOptions): string[] {
  const own = getStrings(live, "metadata", "finalizers");
  const policy = options.propagationPolicy;
  const inherited = Object.entries(propagationFinalizers).find(([, finalizer]) =>
    own.includes(finalizer),
  )?.[0];
  const effective = policy ?? inherited ?? resource.strategy.defaultPropagation ?? "Background";
  const finalizer = propagationFinalizers[effective];
  const others = own.filter((item) => !Object.values(propagationFinalizers).includes(item));
  return finalizer === undefined ? others : [...others, finalizer];
}

function checkPreconditions(resource: Resource, live: JsonObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  // The real server names the kind here where it names the resource everywhere else.
  const kind = { group: resource.group, plural: resource.kind };
  if (uid !== undefined && uid !== uidOf(live)) {
    throw conflict(
      kind,
      nameOf(live),
      `the UID in the precondition (${uid}) does not match the UID in record (${uidOf(live)}). The object might have been deleted and then recreated`,
    );
  }
  const version = getString(live, "metadata", "resourceVersion");
  if (resourceVersion !== undefined && resourceVersion !== version) {
    throw conflict(
      kind,
      nameOf(live),
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${version}). The object might have been modified`,
    );
  }
}

/**
 * Reads `DeleteOptions` as clients send them.
 *
 * @throws StatusError 422 for an unknown propagation policy.
 */
export function parseDeleteOptions(body: JsonObject): DeleteOptions {
  const grace = getNumber(body, "gracePeriodSeconds");
  const uid = getString(body, "preconditions", "uid");
  const resourceVersion = getString(body, "preconditions", "resourceVersion");
  const policy = getString(body, "propagationPolicy");
  const orphan = getValue(body, "orphanDependents");
  if (!["", "Background", "Foreground", "Orphan"].includes(policy)) {
    throw invalidObject({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", [
      notSupported("propagationPolicy", policy, ["Foreground", "Background", "Orphan", "nil"]),
    ]);
  }
  const old = orphan === true ? "Orphan" : orphan === false ? "Background" : "";
  const propagationPolicy = (policy || old) as DeleteOptions["propagationPolicy"] | "";
  return {
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(isObject(body["preconditions"])
      ? {
          preconditions: {
            ...(uid === "" ? {} : { uid }),
            ...(resourceVersion === "" ? {} : { resourceVersion }),
          },
        }
      : {}),
    ...(propagationPolicy === "" || propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(getStrings(body, "dryRun").includes("All") ? { dryRun: true } : {}),
  };
}
