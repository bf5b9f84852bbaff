import { copy, getString, type JsonObject } from "../json.ts";
import { collectionOf } from "../resources/resource.ts";
import { type ControlLoop, ownKey, splitKey, startControlLoop } from "./control-loop.ts";
import type { ControllerContext } from "./controller-context.ts";
import { createLocalClient, localRef } from "./local-client.ts";

const pollInterval = 100;

/** Empties namespaces that are being deleted and lets them go when nothing is left. */
export function startNamespaceController({ api, onError }: ControllerContext): ControlLoop {
  const client = createLocalClient(api, "namespace-controller");
  return startControlLoop({
    store: api.store,
    name: "namespace",
    watches: { "/namespaces": ownKey },
    onError,
    reconcile: (key, loop) => {
      const namespace = client.get({ collection: "/namespaces", ...splitKey(key) });
      if (namespace === undefined || getString(namespace, "metadata", "deletionTimestamp") === "") return;
      const { name } = splitKey(key);
      const left = namespacedCollections(api.catalog.storageVersions()).flatMap((collection) =>
        client.list(collection, name).map((object) => localRef(collection, object)),
      );
      for (const ref of left) client.delete(ref, { propagationPolicy: "Background" });
      const remaining = left.filter((ref) => client.get(ref) !== undefined);
      if (remaining.length > 0) loop.enqueue(key, pollInterval);
      else finalize(namespace);
    },
  });

  function finalize(namespace: JsonObject): void {
    const released = copy(namespace);
    released["spec"] = {};
    client.update("/namespaces", released, "finalize");
  }
}

function namespacedCollections(
  resources: readonly { group: string; plural: string; namespaced: boolean; verbs: readonly string[] }[],
): string[] {
  return resources
    .filter(({ namespaced, verbs }) => namespaced && verbs.includes("delete"))
    .map((resource) => collectionOf(resource));
}
