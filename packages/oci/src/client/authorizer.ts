import { parseChallenges, type Challenge } from "../auth/challenge.ts";
import type { Credentials, Keychain } from "../auth/keychain.ts";
import { mergeScopes, type Scope } from "../auth/scope.ts";
import {
  basicAuthorization,
  readToken,
  tokenRequest,
  type AccessToken,
  type TokenRequest,
} from "../auth/token.ts";

/** Finds the `Authorization` header for requests to one registry, and learns how from its 401 answers. */
export interface Authorizer {
  /** The header for a request; undefined when none is known to be needed. */
  authorization(
    repository: string,
    scopes: readonly Scope[],
    signal?: AbortSignal,
  ): Promise<string | undefined>;
  /** Takes in the challenges of a 401 answer to `rejected`; false when they cannot be met. */
  challenged(header: string | readonly string[] | undefined, rejected: string | undefined): boolean;
}

/** What an authorizer needs from the client. */
export interface AuthorizerOptions {
  readonly registry: string;
  readonly keychain: Keychain;
  readonly now: () => number;
  /** Sends a request to a token server and returns the body of its answer. */
  readonly fetchToken: (request: TokenRequest, signal: AbortSignal | undefined) => Promise<Uint8Array>;
}

/** Starts without knowing how the registry authenticates. */
export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  const { registry, keychain, now } = options;
  const tokens = new Map<string, Promise<AccessToken>>();
  /** Which token a header holds, so that a refused one can be forgotten. */
  const issued = new Map<string, string>();
  const found = new Map<string, Promise<Credentials | undefined>>();
  let challenge: Challenge | undefined;
  /** Scopes that the registry asked for beyond those a request knows that it needs. */
  let extraScopes: readonly Scope[] = [];

  const credentialsFor = (repository: string, signal?: AbortSignal): Promise<Credentials | undefined> => {
    let pending = found.get(repository);
    if (pending === undefined) {
      pending = keychain.credentials(registry, repository, { signal });
      found.set(repository, pending);
      pending.catch(() => found.delete(repository));
    }
    return pending;
  };

  const bearer = async (
    scheme: Challenge,
    credentials: Credentials | undefined,
    wanted: readonly Scope[],
    signal: AbortSignal | undefined,
  ): Promise<string> => {
    const key = `${identity(credentials)} ${wanted.join(" ")}`;
    // Nothing may be awaited between looking and setting, or requests at the same time would each fetch a token.
    for (let pending = tokens.get(key); pending !== undefined; pending = tokens.get(key)) {
      const known = await pending.catch(() => undefined);
      if (known !== undefined && known.expiresAt > now()) return `Bearer ${known.value}`;
      if (tokens.get(key) === pending) tokens.delete(key);
    }
    const request = tokenRequest({ challenge: scheme, scopes: wanted, credentials, registry });
    const token = options.fetchToken(request, signal).then((body) => readToken(body, request.url, now()));
    tokens.set(key, token);
    try {
      const header = `Bearer ${(await token).value}`;
      issued.set(header, key);
      return header;
    } catch (error) {
      tokens.delete(key);
      throw error;
    }
  };

  return {
    async authorization(repository, scopes, signal) {
      if (challenge === undefined) return undefined;
      const credentials = await credentialsFor(repository, signal);
      if (credentials?.kind === "registry-token") return `Bearer ${credentials.token}`;
      if (challenge.scheme === "bearer") {
        const own = extraScopes.filter((scope) => isFor(repository, scope));
        return bearer(challenge, credentials, mergeScopes([...scopes, ...own]), signal);
      }
      return credentials?.kind === "basic"
        ? basicAuthorization(credentials.username, credentials.password)
        : undefined;
    },
    challenged(header, rejected) {
      const offered = parseChallenges(header);
      const chosen =
        offered.find((item) => item.scheme === "bearer" && item.parameters["realm"] !== undefined) ??
        offered.find((item) => item.scheme === "basic");
      if (chosen === undefined) return false;
      challenge = chosen;
      // A token that was refused has ended early or is too weak: forget it, and ask for what the registry names.
      const key = rejected === undefined ? undefined : issued.get(rejected);
      if (key !== undefined) tokens.delete(key);
      const asked = chosen.parameters["scope"]?.split(" ").filter((scope) => scope !== "") ?? [];
      extraScopes = mergeScopes([...extraScopes, ...asked]);
      return true;
    },
  };
}

/** Scopes name a repository, or something that belongs to the whole registry. */
function isFor(repository: string, scope: Scope): boolean {
  return !scope.startsWith("repository:") || scope.startsWith(`repository:${repository}:`);
}

function identity(credentials: Credentials | undefined): string {
  if (credentials === undefined) return "anonymous";
  return credentials.kind === "basic"
    ? `basic ${credentials.username}`
    : `${credentials.kind} ${credentials.token}`;
}
