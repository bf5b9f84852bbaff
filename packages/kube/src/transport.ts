import { Agent, type Dispatcher, ProxyAgent } from "undici";
import type { Clock } from "./clock.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import { type Credentials, type CurrentCredentials, createCredentials } from "./credentials.ts";
import { isKubeError, KubeError, type Status } from "./errors.ts";
import { encodeBody } from "./json-body.ts";
import { proxyFor } from "./proxy.ts";
import type { KubeRequest } from "./request.ts";

/** Requests in flight at once; more wait here instead of opening a TLS connection each. Watches do not count. */
const maxConnections = 32;
/** The API server itself gives up on ordinary requests after 60 s. */
const answerTimeoutMs = 65_000;
/** Bookmarks arrive about every minute, so a watch this silent is dead. */
const silentWatchMs = 5 * 60_000;
/** How often the server may say "later" (Retry-After) before that becomes the error, as in client-go. */
const maxRetries = 10;
const defaultAccept = "application/json";

/** An answer in full, for what the typed calls do not cover. */
export interface RawResponse {
  httpStatus: number;
  headers: Record<string, string>;
  body: string;
}

/** Told about every answer; `code` is `<error>` when there was none, as client-go counts. */
export type RequestObserver = (event: { method: string; host: string; code: string }) => void;

/** What a transport needs beside the configuration. */
export interface TransportOptions {
  clock: Clock;
  env: Readonly<Record<string, string | undefined>>;
  userAgent: string;
  onRequest?: RequestObserver | undefined;
}

/** Sends request values; answers of 400 and above are thrown as `ApiStatus`. */
export interface Transport {
  send(request: KubeRequest, options?: { signal?: AbortSignal | undefined }): Promise<RawResponse>;
  /** Resolves when headers arrived; the body then streams until either side ends it. */
  open(
    request: KubeRequest,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<AsyncIterable<Uint8Array>>;
  close(): Promise<void>;
}

/** Connections made with one set of TLS material. */
interface Connections {
  key: string;
  requests: Dispatcher;
  streams: Dispatcher;
}

/** A keep-alive HTTP/1.1 transport to one API server. */
export function createTransport(config: ClusterConfig, options: TransportOptions): Transport {
  const base = parseServer(config);
  const credentials: Credentials = createCredentials(config, options);
  const closing = new AbortController();
  let connections: Connections | undefined;

  function connectionsFor(tls: CurrentCredentials["tls"]): Connections {
    const key = `${tls.ca}\n${tls.cert}\n${tls.key}`;
    if (connections?.key === key) return connections;
    // Rotated material: new requests use new connections, running ones end in their own time.
    const old = connections;
    connections = { key, ...openConnections(config, base, { tls, env: options.env }) };
    void Promise.allSettled([old?.requests.close(), old?.streams.close()]);
    return connections;
  }

  async function dispatch(
    request: KubeRequest,
    streaming: boolean,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const current = await credentials.current({ signal });
    const { requests, streams } = connectionsFor(current.tls);
    const body = request.body;
    return (streaming ? streams : requests).request({
      origin: base.origin,
      path: base.prefix + request.path + queryText(request.query),
      method: request.method,
      headers: {
        accept: request.accept ?? defaultAccept,
        "user-agent": options.userAgent,
        ...(body !== undefined && { "content-type": request.contentType ?? "application/json" }),
        ...current.headers,
      },
      body: body === undefined ? null : typeof body === "string" ? body : encodeBody(body),
      headersTimeout: answerTimeoutMs,
      bodyTimeout: streaming ? silentWatchMs : answerTimeoutMs,
      signal,
    });
  }

  /** Sends until there is an answer that is not "try later", "connection was stale" or "token expired". */
  async function exchange(
    request: KubeRequest,
    streaming: boolean,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    let staleRetry = request.method === "GET";
    let renewed = false;
    for (let attempt = 0; ; attempt++) {
      let response: Dispatcher.ResponseData;
      try {
        response = await dispatch(request, streaming, signal);
      } catch (cause) {
        if (isKubeError(cause)) throw cause;
        throwIfAborted(signal, cause);
        observe("<error>", request);
        // The server may close an idle connection just as it is used again; reads can safely be sent twice.
        if (staleRetry && isStaleConnection(cause)) {
          staleRetry = false;
          continue;
        }
        throw unreachable(request, base, cause);
      }
      observe(String(response.statusCode), request);
      if (response.statusCode === 401 && !renewed && credentials.renew()) {
        renewed = true;
        await response.body.dump();
        continue;
      }
      const waitMs = attempt < maxRetries ? retryAfterMs(response) : undefined;
      if (waitMs === undefined) return response;
      await response.body.dump();
      await options.clock.sleep(waitMs, { signal });
    }
  }

  function observe(code: string, request: KubeRequest): void {
    options.onRequest?.({ code, method: request.method, host: base.host });
  }

  async function answer(request: KubeRequest, streaming: boolean, callSignal: AbortSignal | undefined) {
    const signal = callSignal ? AbortSignal.any([callSignal, closing.signal]) : closing.signal;
    throwIfAborted(signal);
    const response = await exchange(request, streaming, signal);
    if (response.statusCode < 400) return { response, signal };
    throw statusError(request, response.statusCode, await readText(response, request, signal));
  }

  async function readText(
    response: Dispatcher.ResponseData,
    request: KubeRequest,
    signal: AbortSignal,
  ): Promise<string> {
    try {
      return await response.body.text();
    } catch (cause) {
      throwIfAborted(signal, cause);
      throw unreachable(request, base, cause);
    }
  }

  return {
    async send(request, { signal: callSignal } = {}) {
      const { response, signal } = await answer(request, false, callSignal);
      const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
      return {
        httpStatus: response.statusCode,
        headers: Object.fromEntries(headers) as Record<string, string>,
        body: await readText(response, request, signal),
      };
    },
    async open(request, { signal: callSignal } = {}) {
      const { response, signal } = await answer(request, true, callSignal);
      return readStream(response.body, (cause) => {
        throwIfAborted(signal, cause);
        throw unreachable(request, base, cause);
      });
    },
    async close() {
      closing.abort(new KubeError("Closed", "the Kubernetes client is closed"));
      await Promise.allSettled([connections?.requests.destroy(), connections?.streams.destroy()]);
    },
  };
}

async function* readStream(
  body: AsyncIterable<Uint8Array>,
  fail: (cause: unknown) => never,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    fail(cause);
  }
}

interface ServerAddress {
  origin: string;
  host: string;
  /** Path of the server URL, empty or without trailing slash. */
  prefix: string;
  url: URL;
}

function parseServer(config: ClusterConfig): ServerAddress {
  const text = config.server.includes("://") ? config.server : `https://${config.server}`;
  if (!URL.canParse(text))
    throw new KubeError("InvalidConfig", `${config.source}: server "${config.server}" is not a URL`);
  const url = new URL(text);
  return { origin: url.origin, host: url.host, prefix: url.pathname.replace(/\/+$/, ""), url };
}

function openConnections(
  config: ClusterConfig,
  base: ServerAddress,
  { tls, env }: { tls: CurrentCredentials["tls"]; env: TransportOptions["env"] },
): { requests: Dispatcher; streams: Dispatcher } {
  const connect = {
    ...tls,
    rejectUnauthorized: !config.insecureSkipTlsVerify,
    ...(config.tlsServerName && { servername: config.tlsServerName }),
  };
  // The API server closes idle connections after 90 s; stay below, so that reuse rarely meets a closed one.
  const common = { keepAliveTimeout: 60_000, keepAliveMaxTimeout: 80_000 };
  const proxy = config.proxyUrl ?? proxyFor(base.url, env);
  const open = (limit: number | null): Dispatcher =>
    proxy
      ? new ProxyAgent({ ...common, uri: proxy, requestTls: connect, connections: limit })
      : new Agent({ ...common, connect, connections: limit });
  return { requests: open(maxConnections), streams: open(null) };
}

function queryText(query: KubeRequest["query"]): string {
  const text = new URLSearchParams(query).toString();
  return text === "" ? "" : `?${text}`;
}

function throwIfAborted(signal: AbortSignal, cause?: unknown): void {
  if (!signal.aborted) return;
  throw signal.reason ?? cause;
}

function isStaleConnection(cause: unknown): boolean {
  const { code } = cause as { code?: string };
  return code === "UND_ERR_SOCKET" || code === "ECONNRESET" || code === "EPIPE";
}

function unreachable(request: KubeRequest, base: ServerAddress, cause: unknown): KubeError {
  const url = base.origin + base.prefix + request.path;
  return new KubeError("Unreachable", `${request.method} ${url}: ${(cause as Error).message}`, { cause });
}

function retryAfterMs(response: Dispatcher.ResponseData): number | undefined {
  if (response.statusCode !== 429 && response.statusCode < 500) return undefined;
  const seconds = Number(response.headers["retry-after"]);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

/** An error answer; bodies that are no Status (proxies, aggregated servers) are wrapped in one. */
export function statusError(request: KubeRequest, httpStatus: number, body: string): KubeError {
  let status: Status | undefined;
  try {
    const parsed = JSON.parse(body) as Status | null;
    if (parsed?.kind === "Status") status = parsed;
  } catch {
    // Not JSON: the text itself is the message.
  }
  const message =
    status?.message ||
    `${request.method} ${request.path}: HTTP ${httpStatus}${body ? `: ${body.trim().slice(0, 500)}` : ""}`;
  return new KubeError("ApiStatus", message, { httpStatus, ...(status && { status }) });
}
