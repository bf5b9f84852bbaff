import type { Keychain } from "../auth/keychain.ts";

/** Time and chance, replaceable in tests. */
export interface ClientTiming {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Waits, or rejects with the signal's reason. */
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** Something about a registry that a user may want to see while requests run. */
export type ClientEvent =
  | {
      readonly type: "retry";
      readonly registry: string;
      readonly reason: string;
      readonly attempt: number;
      readonly delayMs: number;
    }
  /** The registry asked to slow down (`limit` shrank) or is well again (it grew). */
  | { readonly type: "concurrency"; readonly registry: string; readonly limit: number }
  /** Docker Hub says how many pulls are left in its time window. */
  | { readonly type: "quota"; readonly registry: string; readonly limit: number; readonly remaining: number };

/** Options of {@link createRegistryClient}. */
export interface RegistryClientOptions {
  /** Default: anonymous. */
  readonly keychain?: Keychain | undefined;
  /** PEM certificates trusted in addition to Node's, the system's and those of `NODE_EXTRA_CA_CERTS`. */
  readonly ca?: readonly string[] | undefined;
  /**
   * Hosts that may use plain HTTP and certificates nobody signed: `host`, `host:port`, `*` for all, or a function.
   * Loopback and private addresses may use plain HTTP without being named.
   */
  readonly insecureHosts?: readonly string[] | ((host: string) => boolean) | undefined;
  /** Where a registry is reached instead of at its name, e.g. `{"quay.io": "http://127.0.0.1:5000"}`. */
  readonly resolve?: Readonly<Record<string, string>> | undefined;
  /**
   * `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY` and their lower-case twins, `SSL_CERT_FILE` and `NODE_EXTRA_CA_CERTS` are read
   * from it. Default: no proxy, the system's certificates.
   */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Requests at the same time per registry and direction; shrinks while a registry answers 429 or 503. Default: 8. */
  readonly concurrency?: number | undefined;
  /** Repetitions of a request that may pass the next time. Default: 5. */
  readonly retries?: number | undefined;
  /** Longest silence of a registry within an answer. Default: 60,000 ms. */
  readonly idleTimeoutMs?: number | undefined;
  /** Uploads larger than this are sent in pieces of this size; undefined sends each blob in one request. */
  readonly chunkSize?: number | undefined;
  /** Default: `package-operator`. */
  readonly userAgent?: string | undefined;
  readonly timing?: ClientTiming | undefined;
  readonly onEvent?: ((event: ClientEvent) => void) | undefined;
}
