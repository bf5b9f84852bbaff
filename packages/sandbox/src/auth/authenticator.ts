import { timingSafeEqual } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { getString, uidOf } from "../json.ts";
import { objectKey, type ObjectStore } from "../storage/object-store.ts";
import type { TokenIssuer } from "./tokens.ts";
import { serviceAccountUser, type User } from "./user.ts";

/** Tells who is behind credentials. */
export interface Authenticator {
  /** The user of a bearer token: a fixed one or a ServiceAccount's; undefined when nobody knows it. */
  byToken(token: string): User | undefined;
  /** The user of a client certificate that the server's own authority issued; undefined without one. */
  byCertificate(socket: TLSSocket): User | undefined;
}

/** Options of {@link createAuthenticator}. */
export interface AuthenticatorOptions {
  readonly store: ObjectStore;
  readonly tokens: TokenIssuer;
  readonly now: () => Date;
  /** Tokens that stand for a user for good, such as the administrator's. */
  readonly fixed?: ReadonlyMap<string, User>;
}

/** Makes an authenticator. Tokens of deleted ServiceAccounts and Pods are refused. */
export function createAuthenticator({ store, tokens, now, fixed }: AuthenticatorOptions): Authenticator {
  return {
    byToken(token) {
      for (const [known, user] of fixed ?? []) if (sameText(known, token)) return user;
      const subject = tokens.read(token, now());
      if (subject === undefined) return undefined;
      const { namespace, name, uid, pod } = subject;
      const account = store.get("/serviceaccounts", objectKey(namespace, name));
      if (account === undefined || uidOf(account) !== uid) return undefined;
      const bound = pod === undefined ? undefined : store.get("/pods", objectKey(namespace, pod.name));
      if (pod !== undefined && (bound === undefined || uidOf(bound) !== pod.uid)) return undefined;
      return serviceAccountUser(namespace, name, uid);
    },
    byCertificate(socket) {
      if (!socket.authorized) return undefined;
      const { subject } = socket.getPeerCertificate();
      const name = getString(subject as unknown as Record<string, string>, "CN");
      if (name === "") return undefined;
      const organizations: unknown = (subject as unknown as Record<string, unknown>)["O"];
      const groups = Array.isArray(organizations) ? organizations : [organizations];
      return {
        name,
        groups: [...groups.filter((group) => typeof group === "string"), "system:authenticated"],
      };
    },
  };
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
