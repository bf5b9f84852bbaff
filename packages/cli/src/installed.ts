import type { ClusterObjectSet, ObjectSet } from "@package-operator/api";
import type { KubeClient, KubeObject, ObjectRef } from "@package-operator/kube";
import { withPrefix } from "./errors.ts";

/** A revision of an installed package or deployment, in either scope. */
export type AnyObjectSet = ObjectSet | ClusterObjectSet;

/** Reads an object that a command is about. */
export function getResource(client: KubeClient, ref: ObjectRef, signal: AbortSignal): Promise<KubeObject> {
  const what = ref.kind.endsWith("Package") ? "package" : "objectdeployment";
  return withPrefix(`getting ${what} object`, () => client.get(ref, { signal }));
}

/** The revisions that a label selector finds, oldest first. */
export async function listRevisions(
  client: KubeClient,
  where: { readonly namespace: string; readonly selector: string },
  signal: AbortSignal,
): Promise<readonly AnyObjectSet[]> {
  const { namespace, selector } = where;
  const { apiVersion } = await import("@package-operator/api");
  const kind = namespace === "" ? "ClusterObjectSet" : "ObjectSet";
  const { items } = await client.list<AnyObjectSet>(
    { apiVersion, kind },
    { ...(namespace === "" ? {} : { namespace }), labelSelector: selector, signal },
  );
  return items.toSorted((a, b) => revisionOf(a) - revisionOf(b));
}

/** The number of a revision; 0 before the controller gave it one. */
export function revisionOf({ spec, status }: AnyObjectSet): number {
  return spec?.revision ?? status?.revision ?? 0;
}

/** Whether a revision reports a condition as true. */
export function reports({ status }: AnyObjectSet, type: string): boolean {
  return (status?.conditions ?? []).some(
    (condition) => condition.type === type && condition.status === "True",
  );
}
