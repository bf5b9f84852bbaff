import type { KubeClient, KubeObject } from "@package-operator/kube";
import type { Lease } from "./lease.ts";

/** Writes the Event that client-go writes for a lease: reason `LeaderElection`, message `<identity> <what>`. */
export async function writeLeaderEvent(
  client: KubeClient,
  lease: Lease | undefined,
  { identity, message, now }: { identity: string; message: string; now: number },
): Promise<void> {
  if (!lease) return;
  const { name = "", namespace = "default", uid = "", resourceVersion = "" } = lease.metadata;
  const time = `${new Date(now).toISOString().slice(0, 19)}Z`;
  const event: KubeObject = {
    apiVersion: "v1",
    kind: "Event",
    // client-go tells names apart by nanoseconds, which this clock has not: two events may be of one millisecond.
    metadata: { namespace, generateName: `${name}.${(BigInt(Math.trunc(now)) * 1_000_000n).toString(16)}` },
    involvedObject: { apiVersion: lease.apiVersion, kind: lease.kind, namespace, name, uid, resourceVersion },
    reason: "LeaderElection",
    message: `${identity} ${message}`,
    type: "Normal",
    source: { component: identity },
    reportingComponent: identity,
    reportingInstance: "",
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
  await client.create(event);
}
