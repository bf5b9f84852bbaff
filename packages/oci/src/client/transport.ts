import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";
import { Agent, ProxyAgent, request, type Dispatcher } from "undici";
import { networkError } from "./network-error.ts";
import { proxyFor } from "./proxy.ts";

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

/** A registry may hash a large blob before it answers the last request of an upload. */
const headersTimeoutMs = 300_000;

/** Opens no connection before the first request. */
export function createTransport(options: TransportOptions): Transport {
  const dispatchers = new Map<string, Dispatcher>();
  let trust: SecureContext | undefined;

  const dispatcherFor = (url: URL, insecure: boolean): Dispatcher => {
    const proxy = proxyFor(url, options.env);
    const key = `${insecure} ${proxy?.href ?? ""}`;
    const known = dispatchers.get(key);
    if (known !== undefined) return known;
    // Node replaces its own roots by what it is given, so they are given, too; one context serves all connections.
    if (options.ca.length > 0) trust ??= createSecureContext({ ca: [...rootCertificates, ...options.ca] });
    const tls = insecure
      ? { rejectUnauthorized: false }
      : trust === undefined
        ? {}
        : { secureContext: trust };
    const timeouts = { headersTimeout: headersTimeoutMs, bodyTimeout: options.idleTimeoutMs };
    const dispatcher =
      proxy === undefined
        ? new Agent({ ...timeouts, connect: { ...tls, timeout: 30_000 } })
        : new ProxyAgent({ ...timeouts, uri: proxy.href, requestTls: tls, proxyTls: tls });
    dispatchers.set(key, dispatcher);
    return dispatcher;
  };

  return {
    async send(message) {
      const { method, url, signal } = message;
      try {
        const answer = await request(url, {
          dispatcher: dispatcherFor(url, message.insecure),
          method,
          headers: message.headers,
          body: (message.body ?? null) as Uint8Array | null,
          ...(signal === undefined ? {} : { signal }),
        });
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
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
    },
  };
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
