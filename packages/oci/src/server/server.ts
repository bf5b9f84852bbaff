import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createAccessControl } from "./access.ts";
import { createExchange, type Exchange } from "./exchange.ts";
import { handle, type HandlerContext } from "./handle.ts";
import { ServerError } from "./server-error.ts";
import type { RegistryServer, RegistryServerOptions } from "./server-options.ts";
import { createUploads } from "./uploads.ts";

/** Silence after which a connection is ended; an upload may take as long as it takes. */
const idleTimeoutMs = 300_000;

/** Makes a registry server; it answers nothing before it listens or is handed requests. */
export function createRegistryServer(options: RegistryServerOptions): RegistryServer {
  const { tls } = options;
  const scheme = tls === undefined ? "http" : "https";
  const context: HandlerContext = {
    storage: options.storage,
    access: createAccessControl(options.auth, options.now ?? Date.now),
    uploads: createUploads(options.storage),
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void serve(context, options, createExchange(request, response, scheme), response);
  };
  const server: Server =
    tls === undefined
      ? createHttpServer(listener)
      : createHttpsServer({ cert: tls.cert, key: tls.key }, listener);
  server.requestTimeout = 0;
  server.timeout = idleTimeoutMs;

  return {
    handle: listener,
    listen: ({ host = "127.0.0.1", port = 0 } = {}) =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, host, () => {
          server.off("error", reject);
          const bound = server.address() as AddressInfo;
          const name = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
          const address = `${name}:${bound.port}`;
          resolve({ address, url: `${scheme}://${address}` });
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  context: HandlerContext,
  options: RegistryServerOptions,
  exchange: Exchange,
  response: ServerResponse,
): Promise<void> {
  try {
    await handle(context, exchange);
  } catch (error) {
    answerError(options, exchange, response, error);
  }
  options.onRequest?.({
    method: exchange.method,
    path: exchange.url.pathname,
    status: response.statusCode,
    ...exchange.traffic,
  });
}

function answerError(
  options: RegistryServerOptions,
  exchange: Exchange,
  response: ServerResponse,
  error: unknown,
): void {
  // A client that has gone needs no answer, and one that is within an answer must not take it for whole.
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  // What was not read of the request would otherwise be taken for the next one.
  const headers = { connection: "close" };
  if (error instanceof ServerError) {
    const detail = error.detail === undefined ? {} : { detail: error.detail };
    const entry = { code: error.code, message: error.message, ...detail };
    exchange.json(
      error.status,
      { errors: [entry] },
      { ...error.headers, ...(exchange.isRead() ? {} : headers) },
    );
    return;
  }
  options.onError?.(error);
  const entry = { code: "UNKNOWN", message: "internal error" };
  exchange.json(500, { errors: [entry] }, headers);
}
