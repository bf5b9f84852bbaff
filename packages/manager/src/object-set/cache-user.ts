import type { ApiObject, KindRef } from "@package-operator/kube";
import type { LoadedPhase } from "./slices.ts";

/** The name under which an object registers the kinds it needs with the cache. */
export function cacheUser(object: ApiObject): string {
  return `${object.kind}/${object.metadata.uid ?? ""}`;
}

/** The kinds of all phases that the set rolls out itself. */
export function localKinds(phases: readonly LoadedPhase[]): KindRef[] {
  return phases
    .filter((phase) => phase.class === "")
    .flatMap(({ objects }) => objects.map(({ object }) => object));
}
