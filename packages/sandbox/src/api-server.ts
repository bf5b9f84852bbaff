import { randomBytes } from "node:crypto";
import { createAuthenticator } from "./auth/authenticator.ts";
import { createServerKeys, type ServerKeys } from "./auth/server-keys.ts";
import { createTokenIssuer, type TokenIssuer } from "./auth/tokens.ts";
import { mastersGroup } from "./auth/user.ts";
import { bootstrapObjects } from "./builtin/bootstrap-objects.ts";
import { createBuiltinResources } from "./builtin/resources.ts";
import { createLocalClient, type LocalClient } from "./controllers/local-client.ts";
import { startCrdController } from "./crd/crd-controller.ts";
import { handleRequest } from "./http/api-handler.ts";
import { createIssuer } from "./http/certificates.ts";
import { startHttpServer } from "./http/http-server.ts";
import type { LogReader } from "./http/resource-request.ts";
import { isRefusal } from "./controllers/local-client.ts";
import type { JsonObject } from "./json.ts";
import { createKubeconfig, type KubeconfigUser } from "./kubeconfig.ts";
import { ResourceCatalog } from "./resources/catalog.ts";
import { ObjectStore } from "./storage/object-store.ts";
import { type ApiContext, systemRandom } from "./verbs/api-context.ts";

/** What the parts of the sandbox report; one line each, never parsed. */
export type SandboxLog = (level: "info" | "warn" | "error", message: string, fields?: JsonObject) => void;

/** Options of {@link createApiServer}. */
export interface ApiServerOptions {
  /** Port on 127.0.0.1; 0, the default, lets the system choose. */
  readonly port?: number;
  /** Where objects are kept. Default: a new store in memory. */
  readonly store?: ObjectStore;
  /** Keys of an earlier run. Default: new ones. */
  readonly keys?: ServerKeys;
  /** Default: silence. */
  readonly log?: SandboxLog;
  /** Default: the system's clock. */
  readonly now?: () => Date;
  /** Answers `pods/log`; the process runner has one. */
  readonly readLog?: LogReader;
}

/** A Kubernetes API on the loopback interface, without the controllers of a cluster. */
export interface ApiServer {
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly certificateAuthority: string;
  /** Kubeconfig of the administrator, as plain JSON (which is YAML). */
  readonly kubeconfig: JsonObject;
  /** Kubeconfig of somebody else: a user with groups, by client certificate. */
  kubeconfigFor(user: KubeconfigUser): JsonObject;
  /** The API for code in this process. */
  client(manager: string): LocalClient;
  readonly context: ApiContext;
  readonly tokens: TokenIssuer;
  close(): Promise<void>;
}

/** Starts an API server with the built-in kinds, custom resources, RBAC and the objects every cluster starts with. */
export async function createApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const log = options.log ?? (() => undefined);
  const now = options.now ?? ((): Date => new Date());
  const store = options.store ?? new ObjectStore();
  const context: ApiContext = {
    store,
    catalog: new ResourceCatalog(createBuiltinResources()),
    now,
    random: systemRandom,
  };
  createMissing(createLocalClient(context, "kube-apiserver"));
  const definitions = startCrdController(context, (error, name, key) =>
    log("error", String(error), { controller: name, key }),
  );
  const keys = options.keys ?? createServerKeys(now().getTime());
  const issuer = createIssuer(keys.authority, now().getTime());
  const tokens = createTokenIssuer(keys.tokenKey);
  const authenticator = createAuthenticator({
    store,
    tokens,
    now,
    fixed: new Map([
      [keys.adminToken, { name: "kubernetes-admin", groups: [mastersGroup, "system:authenticated"] }],
    ]),
  });
  let port = 0;
  const server = await startHttpServer({
    server: issuer.issueServer(["localhost", "127.0.0.1", "kubernetes.default.svc", "kubernetes.default"]),
    clientAuthority: keys.authority.certificate,
    authenticator,
    port: options.port ?? 0,
    handle: (request, user) =>
      handleRequest(
        {
          ...context,
          authenticator,
          tokens,
          readLog: options.readLog,
          // Spread, so that all clients of a restarted server do not come back at once.
          watchSeconds: () => 1800 + Math.floor((randomBytes(1)[0] ?? 0) * 7),
          address: () => `127.0.0.1:${port}`,
          onFault: (error) =>
            log("error", `fault in the API server: ${String(error)}`, { path: request.path }),
        },
        request,
        user,
      ),
  });
  port = server.port;
  const url = `https://127.0.0.1:${port}`;
  const kubeconfigFor = ({ name, groups }: KubeconfigUser): JsonObject =>
    createKubeconfig({
      url,
      certificateAuthority: keys.authority.certificate,
      user: name,
      client: issuer.issueClient(name, groups),
    });
  return {
    url,
    certificateAuthority: keys.authority.certificate,
    kubeconfig: kubeconfigFor({ name: "kubernetes-admin", groups: [mastersGroup] }),
    kubeconfigFor,
    client: (manager) => createLocalClient(context, manager),
    context,
    tokens,
    close: async () => {
      definitions.close();
      await server.close();
    },
  };
}

function createMissing(client: LocalClient): void {
  for (const { collection, object } of bootstrapObjects()) {
    try {
      client.create(collection, object);
    } catch (error) {
      if (!isRefusal(error, "AlreadyExists")) throw error;
    }
  }
}
