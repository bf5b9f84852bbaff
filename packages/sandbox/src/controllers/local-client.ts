import { StatusError } from "../errors.ts";
import { isObject, type JsonObject, type JsonValue, nameOf, namespaceOf } from "../json.ts";
import { pathNotFound } from "../refusals.ts";
import type { Resource } from "../resources/resource.ts";
import { objectKey } from "../storage/object-store.ts";
import type { ApiContext } from "../verbs/api-context.ts";
import { createObject } from "../verbs/create-object.ts";
import { deleteObject, type DeleteOptions } from "../verbs/delete-object.ts";
import { patchObject } from "../verbs/patch-object.ts";
import { updateObject } from "../verbs/update-object.ts";

/** Names a stored object. */
export interface LocalRef {
  /** `group/plural`, such as `apps/deployments`; the core group is the empty text. */
  readonly collection: string;
  readonly namespace: string;
  readonly name: string;
}

/**
 * The API for the controllers inside the process: every rule of the API server holds, nothing waits. Reads give
 * frozen objects in the version they are stored in.
 */
export interface LocalClient {
  get(ref: LocalRef): JsonObject | undefined;
  list(collection: string, namespace?: string): JsonObject[];
  create(collection: string, object: JsonObject): JsonObject;
  /** Sends a whole object; its `resourceVersion` makes the update fail when somebody was faster. */
  update(collection: string, object: JsonObject, subresource?: string): JsonObject;
  /** Replaces `status`; undefined when the object is gone. */
  updateStatus(ref: LocalRef, status: JsonObject): JsonObject | undefined;
  /** Applies a JSON merge patch; undefined when the object is gone. */
  patch(ref: LocalRef, patch: JsonValue): JsonObject | undefined;
  /** Binds a Pod to a node; undefined when the Pod is gone. */
  bind(ref: LocalRef, node: string): JsonObject | undefined;
  /** Deletes; false when the object was gone already. */
  delete(ref: LocalRef, options?: DeleteOptions): boolean;
}

/** Makes a client whose writes carry a manager name. */
export function createLocalClient(context: ApiContext, manager: string): LocalClient {
  const resourceOf = (collection: string): Resource => {
    const found = context.catalog.findCollection(collection);
    if (found === undefined) throw pathNotFound();
    return found;
  };
  const get = ({ collection, namespace, name }: LocalRef): JsonObject | undefined =>
    context.store.get(collection, objectKey(namespace, name));
  return {
    get,
    list: (collection, namespace) => context.store.list(collection, namespace),
    create: (collection, object) =>
      createObject(context, resourceOf(collection), namespaceOf(object), object, { manager }),
    update: (collection, object, subresource = "") =>
      updateObject(
        context,
        { resource: resourceOf(collection), namespace: namespaceOf(object), name: nameOf(object) },
        object,
        {
          manager,
          subresource,
        },
      ),
    updateStatus: (ref, status) => {
      const live = get(ref);
      if (live === undefined) return undefined;
      const resource = resourceOf(ref.collection);
      return updateObject(
        context,
        { resource, ...ref },
        { ...live, status },
        { manager, subresource: "status" },
      );
    },
    patch: (ref, patch) =>
      ignoreGone(() => {
        const target = { resource: resourceOf(ref.collection), ...ref };
        return patchObject(context, target, "merge", patch, { manager }).object;
      }),
    bind: (ref, node) =>
      ignoreGone(() => {
        const target = { resource: resourceOf(ref.collection), ...ref };
        const options = { manager, subresource: "binding" };
        return patchObject(context, target, "merge", { spec: { nodeName: node } }, options).object;
      }),
    delete: (ref, options = {}) =>
      ignoreGone(() => {
        deleteObject(context, { resource: resourceOf(ref.collection), ...ref }, options);
        return true;
      }) ?? false,
  };
}

/** Undefined instead of a 404. */
export function ignoreGone<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof StatusError && error.reason === "NotFound") return undefined;
    throw error;
  }
}

/** The reference of a stored object. */
export function localRef(collection: string, object: JsonObject): LocalRef {
  return { collection, namespace: namespaceOf(object), name: nameOf(object) };
}

/** Whether a thrown value is a refusal with this reason. */
export function isRefusal(error: unknown, reason: string): boolean {
  return error instanceof StatusError && error.reason === reason;
}

/** A status object, or an empty one. */
export function statusOf(object: JsonObject): JsonObject {
  return isObject(object["status"]) ? object["status"] : {};
}
