import { cleanupFinalizer } from "../builtin/crd-strategy.ts";
import { hasCondition, withCondition } from "../controllers/conditions.ts";
import { type ControlLoop, ownKey, splitKey, startControlLoop } from "../controllers/control-loop.ts";
import { createLocalClient, type LocalClient, localRef, type LocalRef } from "../controllers/local-client.ts";
import {
  copy,
  equalJson,
  getObject,
  getObjects,
  getString,
  getStrings,
  type JsonObject,
  metadataOf,
  nameOf,
} from "../json.ts";
import type { StoreEvent } from "../storage/object-store.ts";
import type { ApiContext } from "../verbs/api-context.ts";
import { createCustomResources } from "./custom-resource.ts";

const collection = "apiextensions.k8s.io/customresourcedefinitions";

/** Serves custom resources: accepts names, establishes definitions, and clears instances away on deletion. */
export function startCrdController(
  context: ApiContext,
  onError: (error: unknown, name: string, key: string) => void,
): ControlLoop {
  const client = createLocalClient(context, "kube-apiserver");
  // What an earlier run established is served from the first request on: a client would take a 404 for the truth.
  for (const definition of client.list(collection)) {
    if (hasCondition(definition, "Established"))
      context.catalog.setCustom(nameOf(definition), createCustomResources(definition));
  }
  return startControlLoop({
    store: context.store,
    name: "customresourcedefinition",
    watches: { [collection]: (event) => [...ownKey(event), ...waitingForNames(client, event)] },
    onError,
    reconcile: (key, loop) => {
      const ref: LocalRef = { collection, ...splitKey(key) };
      const definition = client.get(ref);
      if (definition === undefined) context.catalog.setCustom(ref.name, []);
      else if (getString(definition, "metadata", "deletionTimestamp") !== "")
        terminate(context, client, definition, loop);
      else establish(context, client, definition);
    },
  });
}

/** Definitions of the group that may get their names now that one of them is gone. */
function waitingForNames(client: LocalClient, { type, object }: StoreEvent): string[] {
  if (type !== "DELETED") return [];
  const group = getString(object, "spec", "group");
  return client
    .list(collection)
    .filter((other) => getString(other, "spec", "group") === group && !hasCondition(other, "NamesAccepted"))
    .map((other) => `/${nameOf(other)}`);
}

function establish(context: ApiContext, client: LocalClient, definition: JsonObject): void {
  const status = copy(getObject(definition, "status") ?? {});
  const conflict = nameConflict(client, definition);
  const now = context.now();
  let conditions = getObjects(status, "conditions");
  conditions = withCondition(
    conditions,
    conflict === undefined
      ? { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" }
      : { type: "NamesAccepted", status: "False", ...conflict },
    now,
  );
  if (conflict === undefined) {
    status["acceptedNames"] = getObject(definition, "spec", "names") ?? {};
    if (!hasCondition(definition, "Established")) {
      conditions = withCondition(
        conditions,
        {
          type: "Established",
          status: "True",
          reason: "InitialNamesAccepted",
          message: "the initial names have been accepted",
        },
        now,
      );
    }
  } else if (!hasCondition(definition, "Established")) {
    conditions = withCondition(
      conditions,
      {
        type: "Established",
        status: "False",
        reason: "NotAccepted",
        message: "not all names are accepted",
      },
      now,
    );
  }
  status["conditions"] = conditions;
  const established = conditions.some((item) => item["type"] === "Established" && item["status"] === "True");
  // Served before it says so: who waits for the condition finds the resource.
  if (established) context.catalog.setCustom(nameOf(definition), createCustomResources(definition));
  if (!equalJson(status, definition["status"])) {
    client.updateStatus(localRef(collection, definition), status);
  }
}

/** Another definition of the group that has one of these names already. */
function nameConflict(
  client: LocalClient,
  definition: JsonObject,
): { reason: string; message: string } | undefined {
  const group = getString(definition, "spec", "group");
  const names = getObject(definition, "spec", "names") ?? {};
  for (const other of client.list(collection)) {
    if (nameOf(other) === nameOf(definition) || getString(other, "spec", "group") !== group) continue;
    if (!hasCondition(other, "NamesAccepted")) continue;
    const taken = getObject(other, "spec", "names") ?? {};
    const words = [
      getString(taken, "plural"),
      getString(taken, "singular"),
      ...getStrings(taken, "shortNames"),
    ];
    const checks: [string, string, readonly string[]][] = [
      ["PluralConflict", getString(names, "plural"), words],
      ["SingularConflict", getString(names, "singular"), words],
      ...getStrings(names, "shortNames").map((name): [string, string, readonly string[]] => [
        "ShortNamesConflict",
        name,
        words,
      ]),
      ["KindConflict", getString(names, "kind"), [getString(taken, "kind"), getString(taken, "listKind")]],
      [
        "ListKindConflict",
        getString(names, "listKind"),
        [getString(taken, "kind"), getString(taken, "listKind")],
      ],
    ];
    const hit = checks.find(([, name, used]) => name !== "" && used.includes(name));
    if (hit !== undefined) return { reason: hit[0], message: `${JSON.stringify(hit[1])} is already in use` };
  }
  return undefined;
}

function terminate(
  context: ApiContext,
  client: LocalClient,
  definition: JsonObject,
  loop: ControlLoop,
): void {
  const ref = localRef(collection, definition);
  if (!getStrings(definition, "metadata", "finalizers").includes(cleanupFinalizer)) return;
  const pending = getObjects(definition, "status", "conditions").some(
    (condition) => condition["type"] === "Terminating" && condition["reason"] === "InstanceDeletionPending",
  );
  if (pending) {
    const conditions = withCondition(
      getObjects(definition, "status", "conditions"),
      {
        type: "Terminating",
        status: "True",
        reason: "InstanceDeletionInProgress",
        message: "CustomResource deletion is in progress",
      },
      context.now(),
    );
    client.updateStatus(ref, { ...getObject(definition, "status"), conditions });
    return;
  }
  const instances = `${getString(definition, "spec", "group")}/${getString(definition, "spec", "names", "plural")}`;
  for (const instance of client.list(instances)) client.delete(localRef(instances, instance));
  if (client.list(instances).length > 0) {
    loop.enqueue(`/${nameOf(definition)}`, 200);
    return;
  }
  const changed = copy(definition);
  metadataOf(changed)["finalizers"] = getStrings(definition, "metadata", "finalizers").filter(
    (finalizer) => finalizer !== cleanupFinalizer,
  );
  client.update(collection, changed);
}
