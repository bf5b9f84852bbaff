import { labels } from "@package-operator/api";
import type { CallOptions } from "@package-operator/kube";
import { nativeOwnership, type Revision } from "@package-operator/rollout";
import { ownerOf } from "../owners.ts";
import type { ObjectSet } from "../resources.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Stores } from "../runtime/stores.ts";
import { siblingTest } from "./siblings.ts";

/** The labels of its carrier that every managed object gets. */
export function packageLabels(carrier: {
  metadata: { labels?: Record<string, string> };
}): Record<string, string> {
  const given = carrier.metadata.labels ?? {};
  return Object.fromEntries(
    [labels.package, labels.instance].flatMap((name) => (given[name] ? [[name, given[name]]] : [])),
  );
}

/** An object set as the roll-out engine sees it. */
export function revisionOf(set: ObjectSet, stores: Stores, runtime: Runtime, options: CallOptions): Revision {
  return {
    owner: ownerOf(set),
    ownership: nativeOwnership,
    number: set.spec.revision ?? 0,
    namespace: set.metadata.namespace ?? "",
    labels: packageLabels(set),
    paused: set.spec.lifecycleState === "Paused",
    forceAdoption: runtime.forceAdoption(set),
    isSibling: siblingTest(stores, set, options),
  };
}
