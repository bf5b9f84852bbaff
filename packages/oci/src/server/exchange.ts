import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { ServerError } from "./server-error.ts";

/** Headers of an answer; several values become several lines. */
type AnswerHeaders = Readonly<Record<string, string | string[]>>;

/** One request with its answer, as the handlers see it. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  /** Header in one line, undefined when missing. */
  header(name: string): string | undefined;
  /** The request's content. */
  readonly content: AsyncIterable<Uint8Array>;
  /** Whether all of the request's content has arrived. */
  isRead(): boolean;
  /** Cuts the connection, for a request that another one has replaced. */
  cut(): void;
  /** Answers without content, or with a text of this type. */
  answer(status: number, headers?: AnswerHeaders, body?: Uint8Array | string): void;
  json(status: number, value: unknown, headers?: AnswerHeaders): void;
  /** Answers with a stream; HEAD requests get the headers only. */
  stream(status: number, headers: AnswerHeaders, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** Bytes of the request's content read so far, and of the answer's written. */
  readonly traffic: { readonly received: number; readonly sent: number };
}

/** Wraps what node:http hands out. */
export function createExchange(request: IncomingMessage, response: ServerResponse, scheme: string): Exchange {
  const host = request.headers.host ?? "localhost";
  const url = new URL(request.url ?? "/", `${scheme}://${host}`);
  const method = request.method ?? "GET";
  const traffic = { received: 0, sent: 0 };
  const begin = (status: number, headers: AnswerHeaders): void => {
    response.writeHead(status, { "docker-distribution-api-version": "registry/2.0", ...headers });
  };
  const answer: Exchange["answer"] = (status, headers = {}, body = "") => {
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    // A HEAD answer states the length of what GET would send.
    const length = headers["content-length"] ?? `${bytes.length}`;
    begin(status, status === 204 || status === 304 ? headers : { ...headers, "content-length": length });
    if (method !== "HEAD") traffic.sent += bytes.length;
    response.end(method === "HEAD" ? undefined : bytes);
  };
  return {
    method,
    url,
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    content: (async function* () {
      for await (const chunk of request as AsyncIterable<Uint8Array>) {
        traffic.received += chunk.length;
        yield chunk;
      }
    })(),
    isRead: () => request.complete,
    cut: () => {
      request.socket.destroy();
    },
    answer,
    json: (status, value, headers = {}) =>
      answer(status, { "content-type": "application/json", ...headers }, JSON.stringify(value)),
    async stream(status, headers, content) {
      if (method === "HEAD") {
        answer(status, headers);
        return;
      }
      begin(status, headers);
      const counted = async function* (): AsyncGenerator<Uint8Array> {
        for await (const chunk of content) {
          traffic.sent += chunk.length;
          yield chunk;
        }
      };
      await pipeline(Readable.from(counted(), { objectMode: false }), response);
    },
    traffic,
  };
}

/** Reads a request's content into memory; throws `SIZE_INVALID` above the limit. */
export async function readContent(exchange: Exchange, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of exchange.content) {
    size += chunk.length;
    if (size > maxBytes) throw new ServerError("SIZE_INVALID", `more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
