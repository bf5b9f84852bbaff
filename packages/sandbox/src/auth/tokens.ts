import { createPrivateKey, createPublicKey, randomUUID, sign, verify } from "node:crypto";
import { getNumber, getString, isObject, type JsonObject } from "../json.ts";

/** What a ServiceAccount token is bound to. */
export interface TokenSubject {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** The Pod that may use it, if any. */
  readonly pod?: { readonly name: string; readonly uid: string };
}

/** A token with the end of its life. */
export interface IssuedToken {
  readonly token: string;
  readonly expires: Date;
}

/** Issues and reads ServiceAccount tokens: JSON Web Tokens signed with a key of this process (RFC 7519, ES256). */
export interface TokenIssuer {
  issue(
    subject: TokenSubject,
    options: { seconds: number; audiences: readonly string[]; now: Date },
  ): IssuedToken;
  /** The subject of a valid token, undefined for anything else. */
  read(token: string, now: Date): TokenSubject | undefined;
}

/** Name of the issuer and the audience of tokens that do not ask for another. */
export const defaultAudience = "https://kubernetes.default.svc.cluster.local";

/** Makes an issuer from the PEM of its private key. */
export function createTokenIssuer(key: string): TokenIssuer {
  const signing = createPrivateKey(key);
  const checking = createPublicKey(key);
  return {
    issue(subject, { seconds, audiences, now }) {
      const issued = Math.floor(now.getTime() / 1000);
      const kubernetes: JsonObject = {
        namespace: subject.namespace,
        serviceaccount: { name: subject.name, uid: subject.uid },
        ...(subject.pod === undefined ? {} : { pod: { ...subject.pod } }),
      };
      const claims: JsonObject = {
        aud: audiences.length === 0 ? [defaultAudience] : [...audiences],
        exp: issued + seconds,
        iat: issued,
        iss: defaultAudience,
        jti: randomUUID(),
        nbf: issued,
        sub: `system:serviceaccount:${subject.namespace}:${subject.name}`,
        "kubernetes.io": kubernetes,
      };
      const text = `${encode({ alg: "ES256", typ: "JWT" })}.${encode(claims)}`;
      const signature = sign("sha256", Buffer.from(text), { key: signing, dsaEncoding: "ieee-p1363" });
      return {
        token: `${text}.${signature.toString("base64url")}`,
        expires: new Date((issued + seconds) * 1000),
      };
    },
    read(token, now) {
      const [header = "", body = "", signature = "", more] = token.split(".");
      if (more !== undefined || signature === "") return undefined;
      const valid = verify(
        "sha256",
        Buffer.from(`${header}.${body}`),
        { key: checking, dsaEncoding: "ieee-p1363" },
        Buffer.from(signature, "base64url"),
      );
      const claims = valid ? decode(body) : undefined;
      if (claims === undefined || (getNumber(claims, "exp") ?? 0) * 1000 <= now.getTime()) return undefined;
      return readSubject(claims);
    },
  };
}

function readSubject(claims: JsonObject): TokenSubject {
  const kubernetes = claims["kubernetes.io"] ?? {};
  const pod = getString(kubernetes, "pod", "name");
  return {
    namespace: getString(kubernetes, "namespace"),
    name: getString(kubernetes, "serviceaccount", "name"),
    uid: getString(kubernetes, "serviceaccount", "uid"),
    ...(pod === "" ? {} : { pod: { name: pod, uid: getString(kubernetes, "pod", "uid") } }),
  };
}

function encode(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decode(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
