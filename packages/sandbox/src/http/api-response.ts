import type { JsonValue } from "../json.ts";

/** A request as the API server sees it, after authentication. */
export interface ApiRequest {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** Where a streamed answer goes. */
export interface ResponseSink {
  write(chunk: string | Uint8Array): void;
  end(): void;
}

/** A whole answer, or one that is written while it comes to be. */
export type ApiResponse =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** Sent as JSON; a text as it is. */
      readonly body: JsonValue | { readonly text: string };
    }
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** Runs until it has called `end`; must stop when the request's signal aborts. */
      readonly stream: (sink: ResponseSink) => void;
    };

/** An answer of text. */
export function textResponse(text: string, status = 200): ApiResponse {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body: { text } };
}

/** An answer of JSON. */
export function jsonResponse(
  body: JsonValue,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): ApiResponse {
  return { status, headers, body };
}
