import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import type { ClusterConfig, Material } from "@package-operator/kube";

/** Requests by what they do: `get`, `list`, `watch`, `create`, `update`, `apply`, `dry-run`, `patch`, `delete`. */
export type RequestCounts = Readonly<Record<string, number>>;

/** An HTTP proxy in front of an API server that counts what passes. */
export interface CountingProxy {
  /** Plain HTTP; the proxy has the credentials. */
  readonly url: string;
  /** What was counted since the last call. */
  take(): { readonly counts: RequestCounts; readonly lines: readonly string[] };
  close(): Promise<void>;
}

/** Starts a proxy to the cluster of a configuration with client certificates. */
export async function startCountingProxy(config: ClusterConfig): Promise<CountingProxy> {
  const target = new URL(config.server);
  const agent = new https.Agent({
    keepAlive: true,
    ca: textOf(config.ca),
    cert: textOf(config.auth.clientCertificate),
    key: textOf(config.auth.clientKey),
  });
  let lines: string[] = [];
  const server = createServer((request, response) => {
    lines.push(`${verbOf(request)} ${request.url ?? ""}`);
    forward(request, response, { agent, target });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = lines;
      lines = [];
      const counts: Record<string, number> = {};
      for (const line of taken) {
        const verb = line.slice(0, line.indexOf(" "));
        counts[verb] = (counts[verb] ?? 0) + 1;
      }
      return { counts, lines: taken };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
}

function textOf(material: Material | undefined): string | undefined {
  return material && "data" in material ? material.data : undefined;
}

function verbOf({ method = "GET", url = "", headers }: IncomingMessage): string {
  const { pathname, searchParams } = new URL(url, "http://proxy");
  if (searchParams.has("dryRun")) return "dry-run";
  if (method === "PATCH") return headers["content-type"]?.includes("apply-patch") ? "apply" : "patch";
  if (method !== "GET") return { POST: "create", PUT: "update", DELETE: "delete" }[method] ?? method;
  if (searchParams.get("watch") === "true" || searchParams.get("watch") === "1") return "watch";
  return isCollection(pathname) ? "list" : "get";
}

/** `/api/v1/[namespaces/x/]kinds` and the same below `/apis/group/version`. */
function isCollection(pathname: string): boolean {
  const parts = pathname.split("/").slice(pathname.startsWith("/apis/") ? 4 : 3);
  return parts.length === 1 || (parts[0] === "namespaces" && parts.length === 3);
}

function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { agent, target }: { agent: https.Agent; target: URL },
): void {
  const upstream = https.request({
    agent,
    host: target.hostname,
    port: target.port,
    method: request.method,
    path: request.url,
    headers: { ...request.headers, host: target.host },
  });
  upstream.on("response", (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  upstream.on("error", () => response.destroy());
  response.on("close", () => upstream.destroy());
  request.pipe(upstream);
}
