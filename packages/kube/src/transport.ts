import type { Dispatcher } from "undici";
import type { Clock } from "./clock.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import { createConnections, parseServer } from "./connections.ts";
import { createCredentials } from "./credentials.ts";
import { KubeError } from "./errors.ts";
import {
  createExchange,
  type ExchangeOptions,
  type RequestObserver,
  throwIfAborted,
  unreachable,
} from "./exchange.ts";
import { type LinkedAbort, linkAbort } from "./linked-abort.ts";
import type { KubeRequest } from "./request.ts";
import { statusError } from "./status-error.ts";

/** An answer in full, for what the typed calls do not cover. */
export interface RawResponse {
  httpStatus: number;
  headers: Record<string, string>;
  body: string;
}

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
  const calls = new Set<LinkedAbort>();
  let closed: KubeError | undefined;
  const connections = createConnections(config, { base, env: options.env });
  const credentials = createCredentials(config, options);
  const exchange = createExchange({ base, connections, credentials, ...options });

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
    { streaming, call }: ExchangeOptions,
  ): Promise<Dispatcher.ResponseData> {
    const response = await exchange(request, { streaming, call });
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
        const response = await answer(request, { streaming: false, call });
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
        return readStream(await answer(request, { streaming: true, call }), request, call);
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
