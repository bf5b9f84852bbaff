import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ControllerError } from "./errors.ts";

/** What a handler gets to see of a GET request. */
export interface HttpRequest {
  path: string;
  query: URLSearchParams;
  /** Aborted when the client goes away. */
  signal: AbortSignal;
}

/** A whole answer. */
export interface HttpReply {
  status: number;
  contentType: string;
  body: string | Uint8Array;
}

/** Answers one GET request; what it throws is answered with 500. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpReply>;

/** A listening server. */
export interface HttpListener {
  /** The port listened on, also when 0 was asked for. */
  readonly port: number;
  /** Lets running requests end, but not wait for new ones on open connections. */
  close(): Promise<void>;
}

/** Whether an address in Go's form switches its listener off. */
export function isListenerOff(address: string): boolean {
  return address === "" || address === "0";
}

/**
 * Listens for plain HTTP on an address in Go's form (`:8080`, `127.0.0.1:0`, `[::1]:80`). Throws `ListenFailed` with
 * the address, `InvalidOption` when it is none.
 */
export async function listen(address: string, handle: HttpHandler): Promise<HttpListener> {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(address) ?? [];
  if (port === undefined || Number(port) > 65535) {
    throw new ControllerError("InvalidOption", `listen address "${address}" is not host:port`);
  }
  const host = bracketed ?? plain ?? "";
  const server = createServer((request, response) => void serve(request, response, handle));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new ControllerError("ListenFailed", `listen on ${address}: ${cause.message}`, { cause })),
    );
    server.listen({ port: Number(port), ...(host !== "" && { host }) }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

async function serve(request: IncomingMessage, response: ServerResponse, handle: HttpHandler): Promise<void> {
  const url = new URL(request.url ?? "/", "http://listener");
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  let reply: HttpReply;
  try {
    reply =
      request.method === "GET" || request.method === "HEAD"
        ? await handle({ path: url.pathname, query: url.searchParams, signal: gone.signal })
        : plainText(405, "405 method not allowed\n");
  } catch (error) {
    reply = plainText(500, `${String(error)}\n`);
  }
  response.writeHead(reply.status, {
    "content-type": reply.contentType,
    "x-content-type-options": "nosniff",
  });
  response.end(request.method === "HEAD" ? undefined : reply.body);
}

/** A plain text answer. */
export function plainText(status: number, body: string): HttpReply {
  return { status, contentType: "text/plain; charset=utf-8", body };
}
