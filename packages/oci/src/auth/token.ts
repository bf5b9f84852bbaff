import { OciError } from "../errors.ts";
import { parseObject } from "../manifest.ts";
import type { Challenge } from "./challenge.ts";
import type { Credentials } from "./keychain.ts";
import type { Scope } from "./scope.ts";

/** An access token and when it ends. */
export interface AccessToken {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** A request to a token server. */
export interface TokenRequest {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** What the token server is asked with. */
export interface TokenContext {
  readonly challenge: Challenge;
  readonly scopes: readonly Scope[];
  readonly credentials: Credentials | undefined;
  /** Registry, for messages. */
  readonly registry: string;
}

const clientId = "package-operator";

/** The `Authorization` value for basic credentials. */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
}

/**
 * The request that gets an access token (Docker "Token Authentication Specification"): a GET with basic credentials or
 * none, or an OAuth2 POST that exchanges an identity token.
 */
export function tokenRequest(context: TokenContext): TokenRequest {
  const { challenge, credentials, scopes } = context;
  const url = realmUrl(context);
  const { service } = challenge.parameters;
  if (credentials?.kind === "identity-token") {
    const form = new URLSearchParams({ grant_type: "refresh_token", client_id: clientId });
    form.set("refresh_token", credentials.token);
    if (service !== undefined) form.set("service", service);
    if (scopes.length > 0) form.set("scope", scopes.join(" "));
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return { method: "POST", url, headers, body: Buffer.from(form.toString()) };
  }
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  if (credentials?.kind !== "basic") return { method: "GET", url, headers: {} };
  return {
    method: "GET",
    url,
    headers: { authorization: basicAuthorization(credentials.username, credentials.password) },
  };
}

function realmUrl(context: TokenContext): URL {
  const realm = context.challenge.parameters["realm"] ?? "";
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new OciError(
      "invalid-content",
      `${context.registry}: the token server address "${realm}" is not a URL`,
    );
  }
  return url;
}

/** Tokens without a stated life have this one (Docker "Token Authentication Specification"). */
const defaultLifeSeconds = 60;
/** Tokens are replaced this long before their end, so that none ends on its way. */
const marginSeconds = 10;

/** Understands the answer of a token server. */
export function readToken(body: Uint8Array, url: URL, now: number): AccessToken {
  const what = `token of ${url.host}`;
  const json = parseObject(body, what);
  const value = json["token"] ?? json["access_token"];
  if (typeof value !== "string" || value === "") throw new OciError("invalid-content", `${what} is missing`);
  const stated = typeof json["expires_in"] === "number" ? json["expires_in"] : 0;
  const life = Math.max(stated, defaultLifeSeconds) - marginSeconds;
  return { value, expiresAt: now + life * 1000 };
}
