import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ClusterConfig } from "../cluster-config.ts";

/** One request as it arrived. */
export interface SeenRequest {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: IncomingMessage["headers"];
  body: string;
}

/** A watch that the test feeds. */
interface OpenWatch {
  request: SeenRequest;
  send(type: string, object: object): void;
  end(): void;
  /** Cuts the connection without an ending. */
  cut(): void;
  /** True once the client has gone. */
  readonly closed: boolean;
}

/** What a handler answers: a status and a JSON value or text, or `watch` to keep the connection open. */
export type Answer =
  | { status?: number; body: unknown; headers?: Record<string, string> }
  | "watch"
  | "hang up";

/** An HTTP server that answers what a test scripts, and remembers what it was asked. */
export interface ScriptedServer {
  config: ClusterConfig;
  requests: SeenRequest[];
  watches: OpenWatch[];
  close(): Promise<void>;
}

const coreList = {
  kind: "APIResourceList",
  groupVersion: "v1",
  resources: [
    {
      name: "configmaps",
      singularName: "configmap",
      namespaced: true,
      kind: "ConfigMap",
      verbs: ["get", "list", "watch"],
    },
    { name: "namespaces", singularName: "namespace", namespaced: false, kind: "Namespace", verbs: ["get"] },
    { name: "namespaces/status", singularName: "", namespaced: false, kind: "Namespace", verbs: ["get"] },
  ],
};

/** Discovery answers for `v1` alone; undefined for other paths. */
function coreDiscovery(path: string): Answer | undefined {
  if (path === "/api") return { body: { kind: "APIVersions", versions: ["v1"] } };
  if (path === "/apis") return { body: { kind: "APIGroupList", groups: [] } };
  if (path === "/api/v1") return { body: coreList };
  return undefined;
}

/** A Status body. */
export function statusAnswer(code: number, reason: string, extra: object = {}): Answer {
  const body = {
    kind: "Status",
    apiVersion: "v1",
    status: "Failure",
    code,
    reason,
    message: `scripted ${reason}`,
    ...extra,
  };
  return { status: code, body };
}

/** Starts a server on a free port; discovery of the core group is answered unless the handler does. */
export async function startScriptedServer(
  handle: (request: SeenRequest) => Answer | undefined,
): Promise<ScriptedServer> {
  const requests: SeenRequest[] = [];
  const watches: OpenWatch[] = [];
  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    requests.push(request);
    const answer =
      handle(request) ??
      coreDiscovery(request.path) ??
      statusAnswer(404, "NotFound", { details: { name: "x" } });
    if (answer === "hang up") incoming.socket.destroy();
    else if (answer === "watch") watches.push(openWatch(request, outgoing));
    else reply(outgoing, answer);
  }
  const server: Server = createServer((incoming, outgoing) => void serve(incoming, outgoing));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    config: {
      server: `http://127.0.0.1:${port}`,
      insecureSkipTlsVerify: false,
      auth: {},
      namespace: "default",
      source: "test",
    },
    requests,
    watches,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readRequest(incoming: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const url = new URL(incoming.url ?? "/", "http://test");
  return {
    method: incoming.method ?? "",
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

function reply(outgoing: ServerResponse, answer: Exclude<Answer, string>): void {
  outgoing.writeHead(answer.status ?? 200, { "content-type": "application/json", ...answer.headers });
  outgoing.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
}

function openWatch(request: SeenRequest, outgoing: ServerResponse): OpenWatch {
  outgoing.writeHead(200, { "content-type": "application/json" });
  outgoing.flushHeaders();
  let closed = false;
  outgoing.once("close", () => (closed = true));
  return {
    request,
    send: (type, object) => void outgoing.write(`${JSON.stringify({ type, object })}\n`),
    end: () => void outgoing.end(),
    cut: () => void outgoing.socket?.destroy(),
    get closed() {
      return closed;
    },
  };
}

/** A ConfigMap as a server would send it. */
export function configMap(name: string, resourceVersion: string, data: Record<string, string> = {}): object {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "default", resourceVersion },
    data,
  };
}

/** A list answer, items without kind as real servers send them. */
export function listAnswer(items: object[], resourceVersion: string, continueToken?: string): Answer {
  const bare = items.map((item) =>
    Object.fromEntries(Object.entries(item).filter(([name]) => name !== "apiVersion" && name !== "kind")),
  );
  return {
    body: {
      kind: "ConfigMapList",
      apiVersion: "v1",
      metadata: { resourceVersion, ...(continueToken && { continue: continueToken }) },
      items: bare,
    },
  };
}
