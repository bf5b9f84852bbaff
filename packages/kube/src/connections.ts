import { Agent, type Dispatcher, ProxyAgent } from "undici";
import type { ClusterConfig } from "./cluster-config.ts";
import type { TlsMaterial } from "./credentials.ts";
import { KubeError } from "./errors.ts";
import { proxyFor } from "./proxy.ts";

/** Requests in flight at once; more wait here instead of opening a TLS connection each. Watches do not count. */
const maxConnections = 32;
/** The API server closes idle connections after 90 s; staying below, reuse rarely meets a closed one. */
const keepAlive = { keepAliveTimeout: 60_000, keepAliveMaxTimeout: 80_000 };

/** The parts of a server's URL. */
export interface ServerAddress {
  origin: string;
  host: string;
  /** Path of the server URL, empty or without trailing slash. */
  prefix: string;
  url: URL;
}

/** Takes the server's URL apart; throws `InvalidConfig` when it is none. */
export function parseServer(config: ClusterConfig): ServerAddress {
  const text = config.server.includes("://") ? config.server : `https://${config.server}`;
  if (!URL.canParse(text))
    throw new KubeError("InvalidConfig", `${config.source}: server "${config.server}" is not a URL`);
  const url = new URL(text);
  return { origin: url.origin, host: url.host, prefix: url.pathname.replace(/\/+$/, ""), url };
}

/** Connections made with one set of TLS material. */
interface ConnectionPair {
  tls: TlsMaterial;
  requests: Dispatcher;
  streams: Dispatcher;
}

/** The connections to one server. */
export interface Connections {
  /** Connections for this material; when it changed since, new ones, while running requests end on the old. */
  using(tls: TlsMaterial): ConnectionPair;
  /** Cuts everything. */
  close(): Promise<void>;
}

/** Opens connections when they are needed, through the proxy of the configuration or of the environment. */
export function createConnections(
  config: ClusterConfig,
  { base, env }: { base: ServerAddress; env: Readonly<Record<string, string | undefined>> },
): Connections {
  const proxy = config.proxyUrl ?? proxyFor(base.url, env);
  let pair: ConnectionPair | undefined;

  function open(tls: TlsMaterial, connections: number | null): Dispatcher {
    const connect = {
      ...tls,
      rejectUnauthorized: !config.insecureSkipTlsVerify,
      ...(config.tlsServerName && { servername: config.tlsServerName }),
    };
    return proxy
      ? new ProxyAgent({ ...keepAlive, uri: proxy, requestTls: connect, connections })
      : new Agent({ ...keepAlive, connect, connections });
  }

  return {
    using(tls) {
      if (pair && pair.tls.ca === tls.ca && pair.tls.cert === tls.cert && pair.tls.key === tls.key)
        return pair;
      void Promise.allSettled([pair?.requests.close(), pair?.streams.close()]);
      pair = { tls, requests: open(tls, maxConnections), streams: open(tls, null) };
      return pair;
    },
    async close() {
      await Promise.allSettled([pair?.requests.destroy(), pair?.streams.destroy()]);
    },
  };
}
