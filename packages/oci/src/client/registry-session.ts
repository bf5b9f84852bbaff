import type { Scope } from "../auth/scope.ts";
import type { TokenRequest } from "../auth/token.ts";
import { canonicalRegistry } from "../auth/keychain.ts";
import { defaultMaxBytes } from "../content.ts";
import { OciError } from "../errors.ts";
import { answerError } from "./answer-error.ts";
import { createAuthorizer, type Authorizer } from "./authorizer.ts";
import { collectBody } from "./collect-body.ts";
import { createEndpoint, locate, type Endpoint } from "./endpoint.ts";
import type { Limiter } from "./limiter.ts";
import { withRetries, type RetryPolicy } from "./retry.ts";
import type { SessionOptions } from "./session-options.ts";
import type { TransportAnswer, TransportRequest } from "./transport.ts";

/** A request to a registry. */
export interface SessionRequest {
  readonly method: TransportRequest["method"];
  /** Path below the registry (`/v2/...`), or the address that an earlier answer gave. */
  readonly target: string | URL;
  readonly repository: string;
  readonly scopes: readonly Scope[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Made anew for each try. */
  readonly body?: (() => Uint8Array | AsyncIterable<Uint8Array>) | undefined;
  /** Statuses that are answers and not errors. */
  readonly expect: readonly number[];
  readonly kind: "read" | "write";
  /** False for requests that cannot be sent twice, and inside of a slot that is held already. Default: true. */
  readonly repeat?: boolean;
  readonly reference?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Requests to one registry: address, authentication, redirects, limits and retries. */
export interface RegistrySession {
  /** Name as in references. */
  readonly registry: string;
  readonly policy: RetryPolicy;
  readonly limiters: Readonly<Record<"read" | "write", Limiter>>;
  /** Sends a request and returns the answer with its body unread. */
  send(request: SessionRequest): Promise<TransportAnswer>;
  /** Sends a request and reads the answer. Throws `too-large` above 16 MiB. */
  exchange(request: SessionRequest): Promise<TransportAnswer & { readonly bytes: Uint8Array }>;
}

const maxRedirects = 10;

/** Opens no connection before the first request. */
export function createRegistrySession(options: SessionOptions): RegistrySession {
  const { registry, policy, limiters } = options;
  const endpoint = createEndpoint(options);
  const authorizer = createAuthorizer({
    registry: canonicalRegistry(registry),
    keychain: options.keychain,
    now: options.timing.now,
    fetchToken: (request, signal) => fetchToken(options, request, signal),
  });
  const once = (request: SessionRequest): Promise<TransportAnswer> =>
    sendOnce(options, endpoint, authorizer, request);
  const send = (request: SessionRequest): Promise<TransportAnswer> => {
    if (request.repeat === false) return once(request);
    const limiter = limiters[request.kind];
    return withRetries(() => limiter.run(() => once(request), request.signal), policy, request.signal);
  };
  return {
    registry,
    policy,
    limiters,
    send,
    exchange(request) {
      const read = async (): Promise<TransportAnswer & { readonly bytes: Uint8Array }> => {
        const answer = await once(request);
        const what = `${request.method} ${answer.url.pathname}`;
        return { ...answer, bytes: await collectBody(answer.body, defaultMaxBytes, what) };
      };
      if (request.repeat === false) return read();
      const limiter = limiters[request.kind];
      return withRetries(() => limiter.run(read, request.signal), policy, request.signal);
    },
  };
}

/** One try: waits for the registry's pause, sends, authenticates when asked to, and turns failures into errors. */
async function sendOnce(
  options: SessionOptions,
  endpoint: Endpoint,
  authorizer: Authorizer,
  request: SessionRequest,
): Promise<TransportAnswer> {
  const { repository, scopes, signal } = request;
  const limiter = options.limiters[request.kind];
  const mark = await limiter.ready(signal);
  const base = await endpoint.base(signal, (header) => authorizer.challenged(header, undefined));
  const url =
    typeof request.target === "string"
      ? new URL(`${base.href.replace(/\/$/, "")}${request.target}`)
      : request.target;
  // Only the registry itself sees credentials, wherever its answers point to.
  const isOwn = url.origin === base.origin;
  let authorization = isOwn ? await authorizer.authorization(repository, scopes, signal) : undefined;

  for (let attempt = 1; ; attempt++) {
    const answer = await follow(options, endpoint, request, url, authorization);
    options.onAnswer(answer);
    if (request.expect.includes(answer.status)) {
      limiter.succeeded();
      return answer;
    }
    const failure = await readFailure(options, request, answer);
    if (answer.status === 429 || answer.status === 503) limiter.slowDown(mark, failure.retryAfterMs ?? 0);
    const mayRetry = answer.status === 401 && isOwn && attempt < 3;
    if (!mayRetry || !authorizer.challenged(answer.headers["www-authenticate"], authorization)) throw failure;
    const next = await authorizer.authorization(repository, scopes, signal);
    if (next === undefined || next === authorization) throw failure;
    authorization = next;
  }
}

async function readFailure(
  options: SessionOptions,
  request: SessionRequest,
  answer: TransportAnswer,
): Promise<OciError> {
  const body = await collectBody(answer.body, 64 * 1024, "error answer").catch(() => new Uint8Array(0));
  const retryAfterMs = readRetryAfter(answer.headers["retry-after"], options.timing.now());
  const { method, reference } = request;
  return answerError({ method, url: answer.url, status: answer.status, body, retryAfterMs, reference });
}

/** Sends and follows redirects of reads; credentials stay at the first host. */
async function follow(
  options: SessionOptions,
  endpoint: Endpoint,
  request: SessionRequest,
  url: URL,
  authorization: string | undefined,
): Promise<TransportAnswer> {
  const { method, signal } = request;
  let target = url;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const isSameHost = target.origin === url.origin;
    const answer = await options.transport.send({
      method,
      url: target,
      headers: {
        "user-agent": options.userAgent,
        ...request.headers,
        ...(authorization === undefined || !isSameHost ? {} : { authorization }),
      },
      body: request.body?.(),
      insecure: endpoint.isInsecure(target),
      signal,
    });
    const { location } = answer.headers;
    const isRedirect = [301, 302, 303, 307, 308].includes(answer.status) && typeof location === "string";
    if (!isRedirect || method !== "GET" || request.expect.includes(answer.status)) return answer;
    await answer.discard();
    target = locate(options.resolve, new URL(location, target));
  }
  throw new OciError(
    "invalid-content",
    `${method} ${url.host}${url.pathname}: more than ${maxRedirects} redirects`,
  );
}

/** Token servers are other hosts: no limiter, the same retries. */
async function fetchToken(
  options: SessionOptions,
  request: TokenRequest,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const url = locate(options.resolve, request.url);
  return withRetries(
    async () => {
      const answer = await options.transport.send({
        method: request.method,
        url,
        headers: { "user-agent": options.userAgent, ...request.headers },
        body: request.body,
        insecure: options.isInsecure(options.registry),
        signal,
      });
      const bytes = await collectBody(answer.body, 1024 * 1024, "token");
      if (answer.status === 200) return bytes;
      const retryAfterMs = readRetryAfter(answer.headers["retry-after"], options.timing.now());
      const { method } = request;
      throw answerError({
        method,
        url,
        status: answer.status,
        body: bytes,
        retryAfterMs,
        reference: undefined,
      });
    },
    options.policy,
    signal,
  );
}

/** Seconds or an HTTP date (RFC 9110 section 10.2.3), at most five minutes. */
function readRetryAfter(header: string | string[] | undefined, now: number): number | undefined {
  if (typeof header !== "string") return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), 300_000);
}
