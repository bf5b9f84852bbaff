import type { ApiObject, ObjectRef } from "@package-operator/kube";

/** The record of a Lease. Times are RFC 3339 with microseconds. */
export interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaderTransitions?: number;
}

/** A `coordination.k8s.io/v1` Lease. */
export interface Lease extends ApiObject {
  spec: LeaseSpec;
}

/** A lease that does not exist yet. */
export function newLease({ apiVersion, kind, name, namespace }: ObjectRef, spec: LeaseSpec): Lease {
  return { apiVersion, kind, metadata: { name, ...(namespace && { namespace }) }, spec };
}

/** The record after `identity` took or renewed the lease; a new holder counts as one transition. */
export function takenSpec(
  previous: LeaseSpec | undefined,
  { identity, leaseDurationMs, now }: { identity: string; leaseDurationMs: number; now: number },
): LeaseSpec {
  const renewed = previous?.holderIdentity === identity;
  const transitions = previous?.leaderTransitions ?? 0;
  return {
    ...previous,
    holderIdentity: identity,
    leaseDurationSeconds: Math.round(leaseDurationMs / 1000),
    acquireTime: renewed && previous.acquireTime ? previous.acquireTime : microTime(now),
    renewTime: microTime(now),
    leaderTransitions: previous && !renewed ? transitions + 1 : transitions,
  };
}

/** The record after its holder gave the lease back: nobody holds it, and it would end at once anyway. */
export function releasedSpec(previous: LeaseSpec, { now }: { now: number }): LeaseSpec {
  return {
    ...previous,
    holderIdentity: "",
    leaseDurationSeconds: 1,
    acquireTime: microTime(now),
    renewTime: microTime(now),
  };
}

function microTime(now: number): string {
  return new Date(now).toISOString().replace("Z", "000Z");
}
