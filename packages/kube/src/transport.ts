import type { Dispatcher } from "undici";
import type { Clock } from "./clock.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import { createConnections, parseServer, type ServerAddress } from "./connections.ts";
import { type Credentials, createCredentials } from "./credentials.ts";
import { isKubeError, KubeError } from "./errors.ts";
import { encodeBody } from "./json-body.ts";
import { type LinkedAbort, linkAbort } from "./linked-abort.ts";
import type { KubeRequest } from "./request.ts";
import { statusError } from "./status-error.ts";

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

/** A keep-alive HTTP/1.1 transport to one API server. */
export function createTransport(config: ClusterConfig, options: TransportOptions): Transport {
  const base = parseServer(config);
  const credentials: Credentials = createCredentials(config, options);
  const calls = new Set<LinkedAbort>();
  let closed: KubeError | undefined;
  const connections = createConnections(config, { base, env: options.env });

  async function dispatch(
    request: KubeRequest,
    streaming: boolean,
    { signal, controller }: LinkedAbort,
  ): Promise<Dispatcher.ResponseData> {
    const current = await credentials.current({ signal });
    const { requests, streams } = connections.using(current.tls);
    const body = request.body;
    // undici counts only from the connection on, and behind a proxy that hangs up it tries to connect for ever.
    const late = new KubeError(
      "Timeout",
      `${request.method} ${request.path}: no answer in ${answerTimeoutMs / 1000} s`,
    );
    const timer = setTimeout(() => controller.abort(late), answerTimeoutMs);
    try {
      return await (streaming ? streams : requests).request({
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
        headersTimeout: 0,
        bodyTimeout: streaming ? silentWatchMs : answerTimeoutMs,
        signal,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends until there is an answer that is not "try later", "connection was stale" or "token expired". */
  async function exchange(
    request: KubeRequest,
    streaming: boolean,
    call: LinkedAbort,
  ): Promise<Dispatcher.ResponseData> {
    const { signal } = call;
    let staleRetry = request.method === "GET";
    let renewed = false;
    for (let attempt = 0; ; attempt++) {
      let response: Dispatcher.ResponseData;
      try {
        response = await dispatch(request, streaming, call);
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

  function begin(parent: AbortSignal | undefined): LinkedAbort {
    if (closed) throw closed;
    parent?.throwIfAborted();
    const call = linkAbort(parent);
    calls.add(call);
    return call;
  }

  function end(call: LinkedAbort): void {
    call.release();
    calls.delete(call);
  }

  async function answer(
    request: KubeRequest,
    streaming: boolean,
    call: LinkedAbort,
  ): Promise<Dispatcher.ResponseData> {
    const response = await exchange(request, streaming, call);
    if (response.statusCode < 400) return response;
    throw statusError(request, response.statusCode, await readText(response, request, call.signal));
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

  async function* readStream(
    response: Dispatcher.ResponseData,
    request: KubeRequest,
    call: LinkedAbort,
  ): AsyncGenerator<Uint8Array> {
    try {
      yield* response.body as AsyncIterable<Uint8Array>;
    } catch (cause) {
      throwIfAborted(call.signal, cause);
      throw unreachable(request, base, cause);
    } finally {
      end(call);
    }
  }

  return {
    async send(request, { signal } = {}) {
      const call = begin(signal);
      try {
        const response = await answer(request, false, call);
        const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
        return {
          httpStatus: response.statusCode,
          headers: Object.fromEntries(headers) as Record<string, string>,
          body: await readText(response, request, call.signal),
        };
      } finally {
        end(call);
      }
    },
    async open(request, { signal } = {}) {
      const call = begin(signal);
      try {
        return readStream(await answer(request, true, call), request, call);
      } catch (error) {
        end(call);
        throw error;
      }
    },
    async close() {
      closed ??= new KubeError("Closed", "the Kubernetes client is closed");
      for (const { controller } of calls) controller.abort(closed);
      await connections.close();
    },
  };
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
