import type { KeyedCertificate } from "./http/certificates.ts";
import type { JsonObject } from "./json.ts";

/** A user with groups, as a client certificate names them. */
export interface KubeconfigUser {
  readonly name: string;
  readonly groups: readonly string[];
}

/** What goes into a kubeconfig. */
export interface KubeconfigOptions {
  readonly url: string;
  readonly certificateAuthority: string;
  readonly user: string;
  /** Client certificate; or a bearer token. */
  readonly client?: KeyedCertificate;
  readonly token?: string;
  readonly namespace?: string;
}

/** A kubeconfig with one context called `sandbox`. */
export function createKubeconfig(options: KubeconfigOptions): JsonObject {
  const { url, certificateAuthority, user, client, token, namespace } = options;
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "sandbox",
        cluster: { server: url, "certificate-authority-data": base64(certificateAuthority) },
      },
    ],
    users: [
      {
        name: user,
        user: {
          ...(client === undefined
            ? {}
            : {
                "client-certificate-data": base64(client.certificate),
                "client-key-data": base64(client.privateKey),
              }),
          ...(token === undefined ? {} : { token }),
        },
      },
    ],
    contexts: [
      {
        name: "sandbox",
        context: { cluster: "sandbox", user, ...(namespace === undefined ? {} : { namespace }) },
      },
    ],
    "current-context": "sandbox",
  };
}
