import { readFile } from "node:fs/promises";
import type { Clock } from "./clock.ts";
import type { ClusterConfig, Material } from "./cluster-config.ts";
import { KubeError } from "./errors.ts";
import { type ExecCredential, runExecPlugin } from "./exec-plugin.ts";

/** How long a file's content is believed before it is read again; rotated secrets are picked up within this. */
const fileLifetimeMs = 60_000;
/** An exec credential is replaced this long before it ends. */
const expiryMarginMs = 10_000;

/** Header names to one or several values. */
type RequestHeaders = Record<string, string | string[]>;

/** PEM texts of a TLS connection. */
export interface TlsMaterial {
  ca?: string;
  cert?: string;
  key?: string;
}

/** What a request needs to be accepted: headers, and the TLS material of its connection. */
interface CurrentCredentials {
  headers: RequestHeaders;
  tls: TlsMaterial;
}

/** The identity of a client over time. */
export interface Credentials {
  current(options?: { signal?: AbortSignal | undefined }): Promise<CurrentCredentials>;
  /** Forgets what was read or issued, after the server refused it; false when there is nothing newer to get. */
  renew(): boolean;
}

interface CredentialsOptions {
  clock: Clock;
  env: Readonly<Record<string, string | undefined>>;
}

/** Credentials of a configuration: files are re-read, exec plugins run again when their credential ends. */
export function createCredentials(config: ClusterConfig, { clock, env }: CredentialsOptions): Credentials {
  const { auth } = config;
  const files = new Map<string, { text: string; readAt: number }>();
  let issued: Promise<ExecCredential> | undefined;

  async function text(material: Material | undefined): Promise<string | undefined> {
    if (!material) return undefined;
    if ("data" in material) return material.data;
    const known = files.get(material.file);
    if (known && clock.monotonic() - known.readAt < fileLifetimeMs) return known.text;
    try {
      const entry = { text: await readFile(material.file, "utf8"), readAt: clock.monotonic() };
      files.set(material.file, entry);
      return entry.text;
    } catch (cause) {
      // A rotation may remove the file for a moment; the old content is better than none.
      if (known) return known.text;
      throw new KubeError("InvalidConfig", `credentials file ${material.file} cannot be read`, { cause });
    }
  }

  async function fromPlugin(signal: AbortSignal | undefined): Promise<ExecCredential | undefined> {
    if (!auth.exec) return undefined;
    const known = await issued?.catch(() => undefined);
    if (!known || (known.expiresAt !== undefined && clock.now() > known.expiresAt - expiryMarginMs)) {
      issued = runExecPlugin(auth.exec, { config, caData: await text(config.ca), env, signal });
    }
    return issued;
  }

  return {
    async current({ signal } = {}) {
      const [ca, cert, key, token] = await Promise.all(
        [config.ca, auth.clientCertificate, auth.clientKey, auth.token].map(text),
      );
      const plugin = token ? undefined : await fromPlugin(signal);
      const tls = { ca, cert: plugin?.certificate ?? cert, key: plugin?.key ?? key };
      return {
        headers: {
          ...authorization(token?.trim() ?? plugin?.token, auth.basic),
          ...impersonation(auth.impersonate),
        },
        tls: Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined)),
      };
    },
    renew() {
      const renewable = auth.exec !== undefined || files.size > 0;
      files.clear();
      issued = undefined;
      return renewable;
    },
  };
}

function authorization(
  token: string | undefined,
  basic: ClusterConfig["auth"]["basic"],
): Record<string, string> {
  if (token) return { authorization: `Bearer ${token}` };
  if (!basic) return {};
  return { authorization: `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString("base64")}` };
}

function impersonation(as: ClusterConfig["auth"]["impersonate"]): RequestHeaders {
  if (!as) return {};
  const headers: RequestHeaders = { "impersonate-user": as.user };
  if (as.uid) headers["impersonate-uid"] = as.uid;
  if (as.groups.length > 0) headers["impersonate-group"] = as.groups;
  for (const [name, values] of Object.entries(as.extra)) {
    headers[`impersonate-extra-${encodeURIComponent(name)}`] = values;
  }
  return headers;
}
