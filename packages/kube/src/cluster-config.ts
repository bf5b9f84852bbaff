/** An exec credential plugin, as a kubeconfig describes it. */
export interface ExecPlugin {
  apiVersion: string;
  command: string;
  args: string[];
  env: Record<string, string>;
  installHint?: string;
  provideClusterInfo: boolean;
  interactiveMode?: string;
}

/** Text or the path of a file with it. Files are read again when they change, so rotated secrets are picked up. */
export type Material = { data: string } | { file: string };

/** How the client says who it is. Several may be set; a token wins over basic authentication. */
export interface ClusterAuth {
  clientCertificate?: Material;
  clientKey?: Material;
  token?: Material;
  basic?: { username: string; password: string };
  exec?: ExecPlugin;
  impersonate?: { user: string; uid?: string; groups: string[]; extra: Record<string, string[]> };
}

/** Everything needed to talk to one cluster: the resolved outcome of a kubeconfig or of the pod's own files. */
export interface ClusterConfig {
  /** Base URL, possibly with a path prefix, without a trailing slash. */
  server: string;
  /** Authorities that may have signed the server's certificate; the system's when absent. */
  ca?: Material;
  insecureSkipTlsVerify: boolean;
  /** Name expected in the server's certificate, when it is not the host of `server`. */
  tlsServerName?: string;
  /** Proxy for this cluster; replaces what the environment says. */
  proxyUrl?: string;
  auth: ClusterAuth;
  /** Namespace of the context, `default` when it names none. */
  namespace: string;
  /** Where it came from, for messages: a path, or `in-cluster`. */
  source: string;
}
