import type { IncomingMessage, ServerResponse } from "node:http";
import type { RegistryStorage } from "../storage/registry-storage.ts";

/** The accounts of a registry server. */
export interface ServerAccounts {
  /** Whether there is such an account and this is its password. */
  verify(username: string, password: string): Promise<boolean>;
}

/** Options of {@link createRegistryServer}. */
export interface RegistryServerOptions {
  readonly storage: RegistryStorage;
  /** Default: everybody may do everything. */
  readonly auth?: RegistryServerAuth | undefined;
  /** PEM. Default: plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Told of each request when it has been answered. */
  readonly onRequest?: ((request: RegistryRequestLog) => void) | undefined;
  /** Called with errors that were answered with 500. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Milliseconds since 1970, for the life of tokens. Default: the system's clock. */
  readonly now?: (() => number) | undefined;
}

/** How a server knows its users. */
export interface RegistryServerAuth {
  /** `basic` asks for the password with every request, `token` sends clients to the server's own token endpoint. */
  readonly kind: "basic" | "token";
  readonly accounts: ServerAccounts;
  /** Lets everybody pull. Default: false. */
  readonly anonymousPull?: boolean;
  /** Narrows what an account may do, per repository. Default: everything. */
  readonly allows?: (username: string | undefined, repository: string, action: "pull" | "push") => boolean;
}

/** One answered request. */
export interface RegistryRequestLog {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Bytes of the request and of the answer. */
  readonly received: number;
  readonly sent: number;
}

/** A server that listens. */
export interface ListeningServer {
  /** `host:port`, the registry part of references to it. */
  readonly address: string;
  readonly url: string;
}

/** A registry server (OCI distribution specification 1.1). */
export interface RegistryServer {
  /** Answers one request of a node:http server of the caller's own. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** Listens; default host 127.0.0.1, default port chosen by the system. */
  listen(options?: { readonly host?: string; readonly port?: number }): Promise<ListeningServer>;
  /** Ends all connections. Uploads that are under way stay in the storage. */
  close(): Promise<void>;
}
