import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createKubeClient, type KubeClient } from "@package-operator/kube";
import { type Lease, type LeaseSpec, newLease } from "../lease.ts";

/** An API server with one lease, optimistic locking included, and a list of the events written. */
export interface LeaseServer {
  client: KubeClient;
  /** The lease as stored. */
  readonly lease: Lease | undefined;
  /** Changes the lease as another process would. */
  write(spec: LeaseSpec): void;
  events: Record<string, unknown>[];
  /** Method and path of every request for the lease. */
  requests: string[];
  /** While true every request for the lease fails. */
  outage: boolean;
  close(): Promise<void>;
}

const leases = "/apis/coordination.k8s.io/v1/namespaces/ns/leases";
const discovery: Record<string, unknown> = {
  "/api": { kind: "APIVersions", versions: ["v1"] },
  "/apis": { kind: "APIGroupList", groups: [{ versions: [{ groupVersion: "coordination.k8s.io/v1" }] }] },
  "/api/v1": { resources: [{ name: "events", kind: "Event", namespaced: true }] },
  "/apis/coordination.k8s.io/v1": { resources: [{ name: "leases", kind: "Lease", namespaced: true }] },
};

/** Starts the server; the lease is `ns/lock` and does not exist yet. */
export async function startLeaseServer(): Promise<LeaseServer> {
  let lease: Lease | undefined;
  let version = 0;
  const state = { events: [] as Record<string, unknown>[], requests: [] as string[], outage: false };

  function store(next: Lease): Lease {
    lease = { ...next, metadata: { ...next.metadata, resourceVersion: String(++version) } };
    return lease;
  }

  function answerLease(method: string, body: string): { status: number; value: unknown } {
    if (state.outage) return refusal(503, "ServiceUnavailable");
    if (method === "POST")
      return lease ? refusal(409, "AlreadyExists") : { status: 201, value: store(JSON.parse(body) as Lease) };
    if (!lease) return refusal(404, "NotFound");
    if (method === "GET") return { status: 200, value: lease };
    const next = JSON.parse(body) as Lease;
    if (next.metadata.resourceVersion !== lease.metadata.resourceVersion) return refusal(409, "Conflict");
    return { status: 200, value: store(next) };
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString("utf8");
    const path = (request.url ?? "").replace(/\?.*/, "");
    let answer = { status: 200, value: discovery[path] };
    if (path.startsWith(leases)) {
      state.requests.push(request.method ?? "");
      answer = answerLease(request.method ?? "", body);
    } else if (path.endsWith("/events")) {
      state.events.push(JSON.parse(body) as Record<string, unknown>);
      answer = { status: 201, value: JSON.parse(body) as unknown };
    }
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(JSON.stringify(answer.value));
  }

  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const client = createKubeClient({
    server: `http://127.0.0.1:${port}`,
    insecureSkipTlsVerify: false,
    auth: {},
    namespace: "ns",
    source: "test",
  });
  return {
    client,
    events: state.events,
    requests: state.requests,
    get lease() {
      return lease;
    },
    get outage() {
      return state.outage;
    },
    set outage(value) {
      state.outage = value;
    },
    write(spec) {
      const base =
        lease ??
        newLease({ apiVersion: "coordination.k8s.io/v1", kind: "Lease", namespace: "ns", name: "lock" }, {});
      store({ ...base, spec });
    },
    async close() {
      await client.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function refusal(code: number, reason: string): { status: number; value: unknown } {
  const value = { kind: "Status", code, reason, message: reason, details: { name: "lock", kind: "leases" } };
  return { status: code, value };
}
