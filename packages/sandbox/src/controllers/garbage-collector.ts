import {
  copy,
  getObjects,
  getString,
  getStrings,
  isTrue,
  type JsonObject,
  metadataOf,
  namespaceOf,
  uidOf,
} from "../json.ts";
import { collectionOf } from "../resources/resource.ts";
import { type ControlLoop, splitKey, startControlLoop } from "./control-loop.ts";
import type { ControllerContext } from "./controller-context.ts";
import { createLocalClient, ignoreGone, type LocalClient, localRef, type LocalRef } from "./local-client.ts";

const foreground = "foregroundDeletion";
const orphan = "orphan";

/**
 * Deletes objects whose owners are gone, and does what `Foreground` and `Orphan` deletions ask for. Owners are
 * compared by UID; an owner whose kind is not served counts as present, because nobody can tell.
 */
export function startGarbageCollector({ api, onError }: ControllerContext): ControlLoop {
  const client = createLocalClient(api, "garbage-collector");
  const dependents = new DependentIndex();
  const loop = startControlLoop({
    store: api.store,
    name: "garbage-collector",
    watches: {},
    onError,
    reconcile: (key) => {
      const ref = parseKey(key);
      const object = client.get(ref);
      if (object !== undefined) collect(object, ref);
    },
  });
  const observe = (collection: string, object: JsonObject, deleted: boolean): void => {
    const key = formatKey(localRef(collection, object));
    dependents.set(key, deleted ? [] : ownersOf(object).map((owner) => getString(owner, "uid")));
    if (deleted) {
      for (const dependent of dependents.of(uidOf(object))) loop.enqueue(dependent);
    }
    // Owners that wait for their dependents are looked at with every change of one of those.
    for (const owner of ownersOf(object)) {
      const found = ownerRef(owner, namespaceOf(object));
      if (found !== undefined) loop.enqueue(formatKey(found));
    }
    if (!deleted && (ownersOf(object).length > 0 || waits(object))) loop.enqueue(key);
  };
  for (const collection of api.store.collections()) {
    for (const object of api.store.list(collection)) observe(collection, object, false);
  }
  const stop = api.store.subscribeAll((collection, event) =>
    observe(collection, event.object, event.type === "DELETED"),
  );
  return {
    enqueue: (key, delay) => loop.enqueue(key, delay),
    get busy() {
      return loop.busy;
    },
    close: () => {
      stop();
      loop.close();
    },
  };

  function collect(object: JsonObject, ref: LocalRef): void {
    if (waits(object)) {
      const finalizers = getStrings(object, "metadata", "finalizers");
      if (finalizers.includes(orphan)) releaseDependents(object, ref);
      else if (finalizers.includes(foreground)) awaitDependents(object, ref);
    }
    const owners = ownersOf(object).map((owner) => ({
      owner,
      state: ownerState(owner, namespaceOf(object)),
    }));
    const solid = owners.filter(({ state }) => state === "present");
    const waiting = owners.filter(({ state }) => state === "waiting");
    const absent = owners.filter(({ state }) => state === "absent");
    if (owners.length === 0 || solid.length === owners.length) return;
    if (solid.length > 0) {
      removeOwners(
        client,
        ref,
        [...absent, ...waiting].map(({ owner }) => getString(owner, "uid")),
      );
      return;
    }
    if (getString(object, "metadata", "deletionTimestamp") !== "" && waiting.length === 0) return;
    const hasOwn = dependents.of(uidOf(object)).length > 0;
    const policy = waiting.length > 0 && hasOwn ? "Foreground" : "Background";
    if (getString(object, "metadata", "deletionTimestamp") !== "" && policy === "Background") return;
    const inherited = getStrings(object, "metadata", "finalizers").includes(orphan) ? "Orphan" : policy;
    client.delete(ref, { propagationPolicy: inherited, preconditions: { uid: uidOf(object) } });
  }

  function releaseDependents(object: JsonObject, ref: LocalRef): void {
    for (const key of dependents.of(uidOf(object))) removeOwners(client, parseKey(key), [uidOf(object)]);
    removeFinalizer(client, ref, orphan);
  }

  function awaitDependents(object: JsonObject, ref: LocalRef): void {
    const uid = uidOf(object);
    const remaining = dependents.of(uid).flatMap((key) => {
      const dependent = client.get(parseKey(key));
      return dependent === undefined ? [] : [{ key, dependent }];
    });
    const blocking = remaining.filter(({ dependent }) =>
      ownersOf(dependent).some(
        (owner) => getString(owner, "uid") === uid && isTrue(owner, "blockOwnerDeletion"),
      ),
    );
    if (blocking.length === 0) removeFinalizer(client, ref, foreground);
    for (const { key, dependent } of remaining) {
      if (getString(dependent, "metadata", "deletionTimestamp") === "") loop.enqueue(key);
    }
  }

  function ownerState(owner: JsonObject, namespace: string): "present" | "waiting" | "absent" {
    const ref = ownerRef(owner, namespace);
    if (ref === undefined) return "present";
    const found = client.get(ref);
    if (found === undefined || uidOf(found) !== getString(owner, "uid")) return "absent";
    const deleting = getString(found, "metadata", "deletionTimestamp") !== "";
    return deleting && getStrings(found, "metadata", "finalizers").includes(foreground)
      ? "waiting"
      : "present";
  }

  function ownerRef(owner: JsonObject, namespace: string): LocalRef | undefined {
    const resource = api.catalog.findKind(getString(owner, "apiVersion"), getString(owner, "kind"));
    if (resource === undefined) return undefined;
    return {
      collection: collectionOf(resource),
      namespace: resource.namespaced ? namespace : "",
      name: getString(owner, "name"),
    };
  }
}

/** Which objects name which UIDs as owners. */
class DependentIndex {
  readonly #owners = new Map<string, readonly string[]>();
  readonly #dependents = new Map<string, Set<string>>();

  /** Records the owners of an object; none forgets it. */
  set(key: string, owners: readonly string[]): void {
    for (const uid of this.#owners.get(key) ?? []) this.#dependents.get(uid)?.delete(key);
    if (owners.length === 0) this.#owners.delete(key);
    else this.#owners.set(key, owners);
    for (const uid of owners) {
      const set = this.#dependents.get(uid) ?? new Set();
      this.#dependents.set(uid, set.add(key));
    }
  }

  /** The objects that have this owner. */
  of(uid: string): string[] {
    return [...(this.#dependents.get(uid) ?? [])];
  }
}

function removeOwners(client: LocalClient, ref: LocalRef, uids: readonly string[]): void {
  const object = client.get(ref);
  if (object === undefined) return;
  const changed = copy(object);
  const kept = ownersOf(object).filter((owner) => !uids.includes(getString(owner, "uid")));
  if (kept.length > 0) metadataOf(changed)["ownerReferences"] = kept;
  else delete metadataOf(changed)["ownerReferences"];
  ignoreGone(() => client.update(ref.collection, changed));
}

function removeFinalizer(client: LocalClient, ref: LocalRef, finalizer: string): void {
  const object = client.get(ref);
  if (object === undefined) return;
  const changed = copy(object);
  metadataOf(changed)["finalizers"] = getStrings(object, "metadata", "finalizers").filter(
    (item) => item !== finalizer,
  );
  ignoreGone(() => client.update(ref.collection, changed));
}

/** Whether an object is being deleted and the collector has something to do for it. */
function waits(object: JsonObject): boolean {
  if (getString(object, "metadata", "deletionTimestamp") === "") return false;
  return getStrings(object, "metadata", "finalizers").some((item) => item === foreground || item === orphan);
}

function ownersOf(object: JsonObject): JsonObject[] {
  return getObjects(object, "metadata", "ownerReferences");
}

function formatKey({ collection, namespace, name }: LocalRef): string {
  return `${collection}|${namespace}/${name}`;
}

function parseKey(key: string): LocalRef {
  const bar = key.indexOf("|");
  return { collection: key.slice(0, bar), ...splitKey(key.slice(bar + 1)) };
}
