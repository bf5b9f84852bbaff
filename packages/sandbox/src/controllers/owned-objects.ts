import { matchesSelector, selectorFromObject } from "@package-operator/schema";
import {
  copy,
  getObject,
  getObjects,
  getString,
  isTrue,
  type JsonObject,
  labelsOf,
  metadataOf,
  nameOf,
  namespaceOf,
  uidOf,
} from "../json.ts";
import { ignoreGone, type LocalClient } from "./local-client.ts";

/** The reference by which a controller owns what it makes. */
export function controllerReference(owner: JsonObject): JsonObject {
  return {
    apiVersion: getString(owner, "apiVersion"),
    kind: getString(owner, "kind"),
    name: nameOf(owner),
    uid: uidOf(owner),
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** UID of the controlling owner, undefined when there is none. */
export function controllerUid(object: JsonObject): string | undefined {
  const owner = getObjects(object, "metadata", "ownerReferences").find((item) => isTrue(item, "controller"));
  return owner === undefined ? undefined : getString(owner, "uid");
}

/** The `namespace/name` of the controlling owner when it is of this kind, as keys to look at. */
export function controllerKey(object: JsonObject, kind: string): string[] {
  const owner = getObjects(object, "metadata", "ownerReferences").find(
    (item) => isTrue(item, "controller") && item["kind"] === kind,
  );
  return owner === undefined ? [] : [`${namespaceOf(object)}/${getString(owner, "name")}`];
}

/**
 * The objects of a collection that an owner controls. Those that match its selector and have no controller are
 * adopted; those that no longer match are let go.
 */
export function claimObjects(client: LocalClient, owner: JsonObject, collection: string): JsonObject[] {
  const selector = selectorFromObject(getObject(owner, "spec", "selector"));
  const deleting = getString(owner, "metadata", "deletionTimestamp") !== "";
  return client.list(collection, namespaceOf(owner)).flatMap((object) => {
    const controller = controllerUid(object);
    const matches = matchesSelector(selector, labelsOf(object));
    if (controller === uidOf(owner)) {
      if (matches || deleting) return [object];
      release(client, owner, collection, object);
      return [];
    }
    if (controller !== undefined || !matches || deleting) return [];
    if (getString(object, "metadata", "deletionTimestamp") !== "") return [];
    const adopted = adopt(client, owner, collection, object);
    return adopted === undefined ? [] : [adopted];
  });
}

function adopt(
  client: LocalClient,
  owner: JsonObject,
  collection: string,
  object: JsonObject,
): JsonObject | undefined {
  const changed = copy(object);
  const references = getObjects(object, "metadata", "ownerReferences");
  metadataOf(changed)["ownerReferences"] = [...references, controllerReference(owner)];
  return ignoreGone(() => client.update(collection, changed));
}

function release(client: LocalClient, owner: JsonObject, collection: string, object: JsonObject): void {
  const changed = copy(object);
  metadataOf(changed)["ownerReferences"] = getObjects(object, "metadata", "ownerReferences").filter(
    (reference) => getString(reference, "uid") !== uidOf(owner),
  );
  ignoreGone(() => client.update(collection, changed));
}
