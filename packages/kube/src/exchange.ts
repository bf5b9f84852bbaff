import type { Dispatcher } from "undici";
import type { Clock } from "./clock.ts";
import type { Connections, ServerAddress } from "./connections.ts";
import type { Credentials } from "./credentials.ts";
import { isKubeError, KubeError } from "./errors.ts";
import { encodeBody } from "./json-body.ts";
import type { LinkedAbort } from "./linked-abort.ts";
import type { KubeRequest } from "./request.ts";

/** The API server itself gives up on ordinary requests after 60 s. */
const answerTimeoutMs = 65_000;
/** Bookmarks arrive about every minute, so a watch this silent is dead. */
const silentWatchMs = 5 * 60_000;
/** How often the server may say "later" (Retry-After) before that becomes the error, as in client-go. */
const maxRetries = 10;
const defaultAccept = "application/json";

/** Told about every answer; `code` is `<error>` when there was none, as client-go counts. */
export type RequestObserver = (event: { method: string; host: string; code: string }) => void;

/** How one request is sent. */
export interface ExchangeOptions {
  /** The body of the answer is a stream, which may be silent for minutes. */
  streaming: boolean;
  call: LinkedAbort;
}

/** Sends a request until there is an answer worth having. */
export type Exchange = (request: KubeRequest, options: ExchangeOptions) => Promise<Dispatcher.ResponseData>;

interface ExchangeContext {
  base: ServerAddress;
  connections: Connections;
  credentials: Credentials;
  clock: Clock;
  userAgent: string;
  onRequest?: RequestObserver | undefined;
}

/**
 * Sends requests, again where the server said "later", the connection had gone stale or the credentials were
 * outdated. Answers of any other status are given back; no answer is thrown as `Unreachable` or `Timeout`.
 */
export function createExchange(context: ExchangeContext): Exchange {
  const { base, connections, credentials, clock, userAgent, onRequest } = context;

  async function dispatch(
    request: KubeRequest,
    { streaming, call }: ExchangeOptions,
  ): Promise<Dispatcher.ResponseData> {
    const { signal, controller } = call;
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
          "user-agent": userAgent,
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

  function observe(code: string, request: KubeRequest): void {
    onRequest?.({ code, method: request.method, host: base.host });
  }

  return async function exchange(
    request: KubeRequest,
    options: ExchangeOptions,
  ): Promise<Dispatcher.ResponseData> {
    const { signal } = options.call;
    let staleRetry = request.method === "GET";
    let renewed = false;
    for (let attempt = 0; ; attempt++) {
      let response: Dispatcher.ResponseData;
      try {
        response = await dispatch(request, options);
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
      await clock.sleep(waitMs, { signal });
    }
  };
}

function queryText(query: KubeRequest["query"]): string {
  const text = new URLSearchParams(query).toString();
  return text === "" ? "" : `?${text}`;
}

function isStaleConnection(cause: unknown): boolean {
  const { code } = cause as { code?: string };
  return code === "UND_ERR_SOCKET" || code === "ECONNRESET" || code === "EPIPE";
}

function retryAfterMs(response: Dispatcher.ResponseData): number | undefined {
  if (response.statusCode !== 429 && response.statusCode < 500) return undefined;
  const seconds = Number(response.headers["retry-after"]);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

/** Throws the signal's reason when it was aborted, which is then why something failed. */
export function throwIfAborted(signal: AbortSignal, cause?: unknown): void {
  if (!signal.aborted) return;
  throw signal.reason ?? cause;
}

/** The error for a request that got no answer, or only part of one. */
export function unreachable(request: KubeRequest, base: ServerAddress, cause: unknown): KubeError {
  const url = base.origin + base.prefix + request.path;
  return new KubeError("Unreachable", `${request.method} ${url}: ${(cause as Error).message}`, { cause });
}
