import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Exchange } from "./exchange.ts";
import { ServerError } from "./server-error.ts";
import type { RegistryServerAuth } from "./server-options.ts";

/** What a request wants to do with a repository. */
export type Action = "pull" | "push";

/** Decides about requests. */
export interface AccessControl {
  /**
   * Throws `UNAUTHORIZED` with a challenge, or `DENIED`, unless the request may do this. Without repository it only has
   * to come from somebody known. Returns what else the same request may do.
   */
  check(exchange: Exchange, repository: string | undefined, action: Action): Promise<Permissions>;
  /** Answers at the token endpoint; undefined where there is none. */
  readonly token: ((exchange: Exchange) => Promise<void>) | undefined;
}

/** What else the sender of a request may do. */
type Permissions = (repository: string, action: Action) => boolean;

const tokenLifeSeconds = 300;
const service = "package-operator";

/** Lets everybody in without options. */
export function createAccessControl(auth: RegistryServerAuth | undefined, now: () => number): AccessControl {
  if (auth === undefined) return { check: () => Promise.resolve(() => true), token: undefined };
  const key = randomBytes(32);
  const allows = (user: string | undefined, repository: string, action: Action): boolean =>
    (user !== undefined || (auth.anonymousPull === true && action === "pull")) &&
    (auth.allows?.(user, repository, action) ?? true);

  const challenge = (exchange: Exchange, repository: string | undefined, action: Action): ServerError => {
    const actions = action === "push" ? "pull,push" : "pull";
    const scope = repository === undefined ? "" : `,scope="repository:${repository}:${actions}"`;
    const header =
      auth.kind === "basic"
        ? `Basic realm="${service}"`
        : `Bearer realm="${exchange.url.origin}/token",service="${service}"${scope}`;
    const detail =
      repository === undefined ? undefined : [{ Type: "repository", Name: repository, Action: action }];
    const headers = { "www-authenticate": header };
    return new ServerError("UNAUTHORIZED", "authentication required", { detail, headers });
  };

  return {
    async check(exchange, repository, action) {
      const permissions =
        auth.kind === "basic"
          ? await basicPermissions(auth, allows, exchange)
          : tokenPermissions(exchange, key, now());
      const isKnown = permissions.user !== undefined;
      const isAllowed = repository === undefined ? isKnown : permissions.allows(repository, action);
      if (isAllowed) return permissions.allows;
      const isDenied = auth.kind === "basic" && isKnown;
      if (!isDenied) throw challenge(exchange, repository, action);
      throw new ServerError("DENIED", "requested access to the resource is denied");
    },
    token:
      auth.kind === "basic"
        ? undefined
        : async (exchange) => {
            const user = await basicUser(auth, exchange);
            const isWrong = user === undefined && exchange.header("authorization") !== undefined;
            if (isWrong) throw new ServerError("UNAUTHORIZED", "wrong username or password");
            const scopes = exchange.url.searchParams.getAll("scope").flatMap((scope) => scope.split(" "));
            const granted = scopes.flatMap((scope) => grant(scope, user, allows));
            const token = sign({ user, granted, expires: now() + tokenLifeSeconds * 1000 }, key);
            exchange.json(200, { token, access_token: token, expires_in: tokenLifeSeconds });
          },
  };
}

interface Identity {
  readonly user: string | undefined;
  readonly allows: Permissions;
}

type Allows = (user: string | undefined, repository: string, action: Action) => boolean;

async function basicPermissions(
  auth: RegistryServerAuth,
  allows: Allows,
  exchange: Exchange,
): Promise<Identity> {
  const user = await basicUser(auth, exchange);
  return { user, allows: (repository, action) => allows(user, repository, action) };
}

async function basicUser(auth: RegistryServerAuth, exchange: Exchange): Promise<string | undefined> {
  const encoded = /^Basic (.+)$/i.exec(exchange.header("authorization") ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  const user = text.slice(0, colon);
  return colon >= 0 && (await auth.accounts.verify(user, text.slice(colon + 1))) ? user : undefined;
}

interface Claims {
  readonly user?: string | undefined;
  /** `repository action`. */
  readonly granted: readonly string[];
  readonly expires: number;
}

function tokenPermissions(exchange: Exchange, key: Buffer, now: number): Identity {
  const token = /^Bearer (.+)$/i.exec(exchange.header("authorization") ?? "")?.[1] ?? "";
  const claims = verify(token, key);
  if (claims === undefined || claims.expires < now) return { user: undefined, allows: () => false };
  const granted = new Set(claims.granted);
  // A token for anonymous pulls is known, too: it was issued here.
  return { user: claims.user ?? "", allows: (repository, action) => granted.has(`${repository} ${action}`) };
}

/** The part of a wanted scope that is allowed. */
function grant(scope: string, user: string | undefined, allows: Allows): readonly string[] {
  const match = /^repository:(.+):([^:]+)$/.exec(scope);
  if (match === null) return [];
  const repository = match[1]!;
  const wanted = match[2]!.split(",");
  const actions: readonly Action[] = ["pull", "push"];
  return actions
    .filter((action) => wanted.includes(action) || wanted.includes("*"))
    .filter((action) => allows(user, repository, action))
    .map((action) => `${repository} ${action}`);
}

function sign(claims: Claims, key: Buffer): string {
  const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${payload}.${createHmac("sha256", key).update(payload).digest("base64url")}`;
}

function verify(token: string, key: Buffer): Claims | undefined {
  const [payload = "", signature = ""] = token.split(".");
  const expected = createHmac("sha256", key).update(payload).digest();
  const given = Buffer.from(signature, "base64url");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  return JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Claims;
}
