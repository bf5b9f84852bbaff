import { encodeJson } from "@package-operator/kube-yaml";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Authenticator } from "../auth/authenticator.ts";
import { anonymous, type User } from "../auth/user.ts";
import { unauthorized } from "../refusals.ts";
import type { ApiRequest, ApiResponse } from "./api-response.ts";
import type { KeyedCertificate } from "./certificates.ts";

/** Largest request body, in bytes, as the real server has it. */
const maxBody = 3 * 1024 * 1024;

/** Options of {@link startHttpServer}. */
export interface HttpServerOptions {
  readonly server: KeyedCertificate;
  /** PEM of the authority whose client certificates are trusted. */
  readonly clientAuthority: string;
  readonly authenticator: Authenticator;
  readonly handle: (request: ApiRequest, user: User) => ApiResponse;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** A listening server. */
export interface HttpServer {
  readonly port: number;
  /** Ends all connections, watches included. */
  close(): Promise<void>;
}

/** Serves HTTPS on the loopback interface. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const stopped = new AbortController();
  const server: Server = createServer(
    {
      cert: options.server.certificate,
      key: options.server.privateKey,
      ca: options.clientAuthority,
      requestCert: true,
      rejectUnauthorized: false,
      keepAliveTimeout: 60_000,
    },
    (message, response) => {
      serve(message, response, options, stopped.signal).catch(() => response.destroy());
    },
  );
  // The server itself only knows connections whose handshake is done; one in between would hold up its end.
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        stopped.abort();
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function serve(
  message: IncomingMessage,
  response: ServerResponse,
  options: HttpServerOptions,
  stopped: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const user = authenticate(message, options.authenticator);
  if (user === undefined) {
    const { status, httpStatus } = unauthorized();
    send(response, { status: httpStatus, body: status });
    return;
  }
  const body = await readAll(message);
  if (body === undefined) {
    send(response, {
      status: 413,
      body: {
        kind: "Status",
        apiVersion: "v1",
        metadata: {},
        status: "Failure",
        message: `limit is ${maxBody}`,
        reason: "RequestEntityTooLarge",
        code: 413,
      },
    });
    return;
  }
  const url = new URL(message.url ?? "/", "https://localhost");
  const request: ApiRequest = {
    method: message.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers: message.headers as Record<string, string | undefined>,
    body,
    signal: AbortSignal.any([gone.signal, stopped]),
  };
  send(response, options.handle(request, user));
}

/** Undefined for credentials nobody knows; no credentials at all make an anonymous user. */
function authenticate(message: IncomingMessage, authenticator: Authenticator): User | undefined {
  const header = message.headers.authorization;
  if (header !== undefined) {
    const match = /^Bearer\s+(\S+)$/i.exec(header);
    return match?.[1] === undefined ? undefined : authenticator.byToken(match[1]);
  }
  return authenticator.byCertificate(message.socket as TLSSocket) ?? anonymous;
}

async function readAll(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, answer: ApiResponse): void {
  if ("stream" in answer) {
    response.writeHead(answer.status, answer.headers);
    response.flushHeaders();
    answer.stream({ write: (chunk) => void response.write(chunk), end: () => void response.end() });
    return;
  }
  const { body } = answer;
  const text = isText(body) ? body.text : `${encodeJson(body)}\n`;
  response.writeHead(answer.status, {
    "content-type": "application/json",
    "cache-control": "no-cache, private",
    ...answer.headers,
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

function isText(body: unknown): body is { text: string } {
  return (
    typeof body === "object" &&
    body !== null &&
    !("kind" in body) &&
    typeof (body as { text?: unknown }).text === "string" &&
    Object.keys(body).length === 1
  );
}
