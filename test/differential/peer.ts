import { request } from "node:https";
import { decodeYaml } from "@package-operator/kube-yaml";

/** One request of a script. */
export interface Call {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string as it is. */
  readonly body?: unknown;
  /** The answer depends on how fast the server is; the request only waits. */
  readonly waits?: true;
}

/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly warnings: string | undefined;
  readonly body: unknown;
}

/** A Kubernetes API server that scripts run against. */
export interface Peer {
  send(call: Call): Promise<Answer>;
}

interface Kubeconfig {
  readonly clusters: readonly { cluster: { server: string; "certificate-authority-data": string } }[];
  readonly users: readonly { user: { "client-certificate-data": string; "client-key-data": string } }[];
}

/** Makes a peer from the text of a kubeconfig with a client certificate. */
export function createPeer(kubeconfig: string): Peer {
  const { clusters, users } = decodeYaml(kubeconfig) as unknown as Kubeconfig;
  const [cluster] = clusters;
  const [user] = users;
  if (cluster === undefined || user === undefined) throw new Error("the kubeconfig names no cluster or user");
  const decode = (text: string): Buffer => Buffer.from(text, "base64");
  const tls = {
    ca: decode(cluster.cluster["certificate-authority-data"]),
    cert: decode(user.user["client-certificate-data"]),
    key: decode(user.user["client-key-data"]),
  };
  return {
    send: ({ method, path, headers = {}, body }) => {
      const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
      return new Promise((resolve, reject) => {
        const call = request(
          cluster.cluster.server + path,
          {
            ...tls,
            method,
            headers: {
              accept: "application/json",
              "content-type": "application/json",
              "user-agent": "differential/1",
              ...(text === undefined ? {} : { "content-length": Buffer.byteLength(text) }),
              ...headers,
            },
          },
          (response) => {
            const chunks: Buffer[] = [];
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.on("error", reject);
            response.on("end", () => {
              const { warning } = response.headers;
              resolve({
                status: response.statusCode ?? 0,
                warnings: typeof warning === "string" ? warning : undefined,
                body: parse(Buffer.concat(chunks).toString()),
              });
            });
          },
        );
        call.on("error", reject);
        call.end(text);
      });
    },
  };
}

/** JSON, several JSON documents in lines, or text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown);
    } catch {
      return text;
    }
  }
}
