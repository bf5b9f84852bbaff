import type { JsonValue } from "@package-operator/kube-yaml";

/** HTTP methods the API server knows. */
export type HttpMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** A request as a plain value: nothing is sent until a client is given it. */
export interface KubeRequest {
  method: HttpMethod;
  /** Absolute path below the server's URL, already escaped. */
  path: string;
  query?: Record<string, string>;
  accept?: string;
  contentType?: string;
  body?: JsonValue | string;
}
