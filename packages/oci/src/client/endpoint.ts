import { OciError } from "../errors.ts";
import { isPrivateRegistry } from "./host.ts";
import type { SessionOptions } from "./session-options.ts";
import type { TransportAnswer } from "./transport.ts";

/** Where a registry is reached. */
export interface Endpoint {
  /**
   * Base address of the registry. Where plain HTTP is allowed both schemes are tried once, HTTPS first and whatever its
   * certificate; a challenge in the answer is passed on where it can be trusted. Elsewhere it is HTTPS, without a request.
   */
  base(signal: AbortSignal | undefined, onChallenge: (header: Header) => void): Promise<URL>;
  /** Whether certificates of this address are not verified. */
  isInsecure(url: URL): boolean;
}

type Header = string | readonly string[] | undefined;

/** How long HTTPS has before plain HTTP is tried beside it. */
const headStartMs = 300;

/** Finds out nothing before it is asked. */
export function createEndpoint(options: SessionOptions): Endpoint {
  const { registry, isInsecure, resolve } = options;
  const given = resolve[registry];
  // `docker.io` is a name and not a server.
  const host = registry === "docker.io" ? "index.docker.io" : registry;
  const mayUseHttp = given === undefined && (isInsecure(registry) || isPrivateRegistry(registry));
  let found: Promise<URL> | undefined;
  if (given !== undefined) found = Promise.resolve(new URL(given));
  else if (!mayUseHttp) found = Promise.resolve(new URL(`https://${host}/`));

  return {
    async base(signal, onChallenge) {
      found ??= ping(options, host, signal, onChallenge);
      try {
        return await found;
      } catch (error) {
        found = undefined;
        throw error;
      }
    },
    isInsecure: (url) => isInsecure(registry) || isInsecure(url.host),
  };
}

/** The address that stands for a URL by the `resolve` option. */
export function locate(resolve: Readonly<Record<string, string>>, url: URL): URL {
  const place = resolve[url.host];
  if (place === undefined) return url;
  const base = new URL(place);
  return new URL(`${base.pathname.replace(/\/$/, "")}${url.pathname}${url.search}`, base);
}

/** Asks by HTTPS, and by HTTP as soon as that failed or took its time; the first answer decides, whatever its status. */
async function ping(
  options: SessionOptions,
  host: string,
  signal: AbortSignal | undefined,
  onChallenge: (header: Header) => void,
): Promise<URL> {
  const loser = new AbortController();
  const both = signal === undefined ? loser.signal : AbortSignal.any([signal, loser.signal]);
  const ask = async (scheme: string): Promise<{ base: URL; answer: TransportAnswer }> => {
    const base = new URL(`${scheme}://${host}/`);
    const answer = await options.transport.send({
      method: "GET",
      url: new URL("/v2/", base),
      headers: { "user-agent": options.userAgent },
      // Whether the certificate is right is for the requests to find out that carry something.
      insecure: true,
      signal: both,
    });
    await answer.discard();
    return { base, answer };
  };
  const secure = ask("https");
  const plain = startAfter(secure, options.timing.sleep(headStartMs, both), () => ask("http"));
  try {
    const { base, answer } = await Promise.any([secure, plain]);
    // A challenge names the server that gets the credentials, so it counts only where nothing will be verified either.
    const isFinal = base.protocol === "http:" || options.isInsecure(options.registry);
    if (answer.status === 401 && isFinal) onChallenge(answer.headers["www-authenticate"]);
    return base;
  } catch (error) {
    signal?.throwIfAborted();
    const errors = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
    const message = errors.map((item) => (item as Error).message).join("; ");
    throw new OciError("network", message, { retryable: errors.some(isRetryable), cause: errors[0] });
  } finally {
    loser.abort();
  }
}

/** Starts when the first has failed or the pause is over, and not at all when the first has succeeded by then. */
async function startAfter<T>(
  first: Promise<unknown>,
  pause: Promise<void>,
  start: () => Promise<T>,
): Promise<T> {
  const isNeeded = await Promise.race([
    first.then(
      () => false,
      () => true,
    ),
    pause.then(
      () => true,
      () => false,
    ),
  ]);
  if (!isNeeded) throw new OciError("network", "not tried");
  return start();
}

function isRetryable(error: unknown): boolean {
  return error instanceof OciError && error.retryable;
}
