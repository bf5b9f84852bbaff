import type { ConnectionOptions } from "node:tls";
import { Agent, ProxyAgent, request, type Dispatcher } from "undici";
import { networkError } from "./network-error.ts";
import { proxyFor } from "./proxy.ts";
import { loadTrust, trustNothing } from "./trust.ts";

/** One request on the wire. */
export interface TransportRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  /** Accept any certificate. */
  readonly insecure: boolean;
  readonly signal: AbortSignal | undefined;
}

/** An answer whose body has not been read; read or discard it. */
export interface TransportAnswer {
  readonly url: URL;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
  discard(): Promise<void>;
}

/** Connections to registries, straight or through proxies. */
export interface Transport {
  send(message: TransportRequest): Promise<TransportAnswer>;
  close(): Promise<void>;
}

/** Options of {@link createTransport}. */
export interface TransportOptions {
  readonly ca: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly idleTimeoutMs: number;
}

type TlsOptions = Pick<ConnectionOptions, "secureContext" | "rejectUnauthorized">;

/** A registry may hash a large blob before it answers the last request of an upload. */
const headersTimeoutMs = 300_000;
const connectTimeoutMs = 30_000;

/** Opens no connection before the first request. */
export function createTransport(options: TransportOptions): Transport {
  const dispatchers = new Map<string, Promise<Dispatcher>>();

  /** Certificates are loaded only where some are looked at. */
  const tlsOptions = async (isVerified: boolean): Promise<TlsOptions> =>
    isVerified
      ? { secureContext: await loadTrust(options.ca, options.env) }
      : { secureContext: trustNothing(), rejectUnauthorized: false };
  const open = async (proxy: URL | undefined, isVerified: boolean): Promise<Dispatcher> => {
    const tls = await tlsOptions(isVerified);
    const timeouts = { headersTimeout: headersTimeoutMs, bodyTimeout: options.idleTimeoutMs };
    if (proxy === undefined)
      return new Agent({ ...timeouts, connect: { ...tls, timeout: connectTimeoutMs } });
    // What is allowed for a registry says nothing about the proxy, which may get a password of its own.
    const proxyTls = await tlsOptions(proxy.protocol === "https:");
    return new ProxyAgent({ ...timeouts, uri: proxy.href, requestTls: tls, proxyTls });
  };
  const dispatcherFor = (url: URL, insecure: boolean): Promise<Dispatcher> => {
    const proxy = proxyFor(url, options.env);
    const isVerified = !insecure && url.protocol === "https:";
    const key = `${isVerified} ${proxy?.href ?? ""}`;
    let dispatcher = dispatchers.get(key);
    if (dispatcher === undefined) {
      dispatcher = open(proxy, isVerified);
      dispatchers.set(key, dispatcher);
    }
    return dispatcher;
  };

  return {
    async send(message) {
      const { method, url, signal } = message;
      try {
        const answer = await untilAborted(
          request(url, {
            dispatcher: await dispatcherFor(url, message.insecure),
            method,
            headers: message.headers,
            body: (message.body ?? null) as Uint8Array | null,
            // Without this, undici closes the connection after each HEAD.
            reset: false,
            ...(signal === undefined ? {} : { signal }),
          }),
          signal,
        );
        return {
          url,
          status: answer.statusCode,
          headers: answer.headers,
          body: readBody(method, url, answer.body, signal),
          discard: () => discard(answer.body),
        };
      } catch (error) {
        signal?.throwIfAborted();
        // The body of an upload fails with its own error, which says more than the broken request.
        throw isOwnError(error) ? error : networkError(method, url, error);
      }
    },
    async close() {
      for (const opened of await Promise.allSettled(dispatchers.values())) {
        if (opened.status === "fulfilled") await opened.value.destroy();
      }
    },
  };
}

/** undici looks at the signal once a connection stands; a handshake that is never answered would have to time out. */
async function untilAborted<T>(pending: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return pending;
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([pending, aborted]);
  } finally {
    signal.removeEventListener("abort", abort!);
  }
}

type Body = Dispatcher.ResponseData["body"];

async function* readBody(
  method: string,
  url: URL,
  body: Body,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body as AsyncIterable<Uint8Array>;
  } catch (error) {
    signal?.throwIfAborted();
    throw isOwnError(error) ? error : networkError(method, url, error);
  }
}

/** Short bodies are read so that the connection can be used again; long ones are cut off. */
async function discard(body: Body): Promise<void> {
  try {
    await body.dump({ limit: 64 * 1024 });
  } catch {
    // A connection that breaks while an unwanted body is thrown away harms nobody.
  }
}

function isOwnError(error: unknown): boolean {
  return error instanceof Error && error.name === "OciError";
}
