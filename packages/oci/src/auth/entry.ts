import { OciError } from "../errors.ts";
import type { Credentials } from "./keychain.ts";

/** One entry of a Docker configuration or of a pull secret. */
export interface CredentialEntry {
  readonly auth?: unknown;
  readonly username?: unknown;
  readonly password?: unknown;
  readonly identitytoken?: unknown;
  readonly registrytoken?: unknown;
}

/**
 * The credentials of an entry: a registry token, an identity token, `auth`, or user name and password, in this order;
 * undefined for an empty one. `what` names the entry in the `credentials` error.
 */
export function readEntry(entry: CredentialEntry, what: string): Credentials | undefined {
  if (isText(entry.registrytoken)) return { kind: "registry-token", token: entry.registrytoken };
  if (isText(entry.identitytoken)) return { kind: "identity-token", token: entry.identitytoken };
  if (isText(entry.auth)) return decodeAuth(entry.auth, what);
  if (!isText(entry.username) && !isText(entry.password)) return undefined;
  return {
    kind: "basic",
    username: isText(entry.username) ? entry.username : "",
    password: isText(entry.password) ? entry.password : "",
  };
}

/** Base64 of `user:password`, padded or not. */
function decodeAuth(auth: string, what: string): Credentials {
  const valid = /^[A-Za-z0-9+/]*/.exec(auth)![0].length;
  if (!/^=*$/.test(auth.slice(valid))) {
    throw new OciError("credentials", `${what}: illegal base64 data at input byte ${valid}`);
  }
  const text = Buffer.from(auth, "base64").toString("utf8").replace(/\0+$/, "");
  const colon = text.indexOf(":");
  if (colon < 0) throw new OciError("credentials", `${what}: auth is not "user:password" in base64`);
  return { kind: "basic", username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Parses JSON that has to be an object; its text never gets into the `credentials` error. */
export function parseCredentialJson(text: string, what: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new OciError("credentials", `${what}: not valid JSON`);
  }
  if (isRecord(value)) return value;
  throw new OciError("credentials", `${what}: not a JSON object`);
}

/** The entries of an object whose values are objects; other values are left out. */
export function readEntries(value: unknown): readonly (readonly [string, CredentialEntry])[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).filter((pair): pair is [string, Record<string, unknown>] => isRecord(pair[1]));
}

/** Whether a value is an object with keys. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
