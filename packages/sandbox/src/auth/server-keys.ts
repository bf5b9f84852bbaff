import { generateKeyPairSync, randomBytes } from "node:crypto";
import { SandboxError } from "../errors.ts";
import { createCertificateAuthority, type KeyedCertificate } from "../http/certificates.ts";
import { getString, isObject, type JsonValue } from "../json.ts";

/** What a server must keep for its kubeconfigs and tokens to stay good. */
export interface ServerKeys {
  /** Certificate and key of the authority. */
  readonly authority: KeyedCertificate;
  /** PEM of the key that signs ServiceAccount tokens. */
  readonly tokenKey: string;
  /** Bearer token of the administrator. */
  readonly adminToken: string;
}

/** Makes new keys. `now` in milliseconds. */
export function createServerKeys(now: number): ServerKeys {
  const { certificate, privateKey } = createCertificateAuthority(now);
  const tokenKeys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    authority: { certificate, privateKey },
    tokenKey: tokenKeys.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    adminToken: randomBytes(24).toString("base64url"),
  };
}

/** Reads kept keys. @throws SandboxError `DataCorrupt` */
export function readServerKeys(text: string, file: string): ServerKeys {
  const value = parse(text);
  const field = (...path: string[]): string => {
    const found = getString(value, ...path);
    if (found === "") throw new SandboxError("DataCorrupt", `${file}: ${path.join(".")} is missing`);
    return found;
  };
  return {
    authority: {
      certificate: field("authority", "certificate"),
      privateKey: field("authority", "privateKey"),
    },
    tokenKey: field("tokenKey"),
    adminToken: field("adminToken"),
  };
}

function parse(text: string): JsonValue {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
