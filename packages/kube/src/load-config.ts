import { readFile } from "node:fs/promises";
import path from "node:path";
import type { ClusterConfig } from "./cluster-config.ts";
import { KubeError } from "./errors.ts";
import { type KubeConfigFile, mergeKubeConfigs, resolveContext } from "./kubeconfig.ts";

const serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Where to look for the cluster. Only `env` is required, so that nothing is read from the process itself. */
export interface LoadConfigOptions {
  /** An explicit kubeconfig file, from a flag; it must exist. */
  kubeconfig?: string | undefined;
  /** A context other than the current one. */
  context?: string | undefined;
  /** `KUBECONFIG`, `KUBERNETES_SERVICE_HOST`, `KUBERNETES_SERVICE_PORT` and `HOME` are looked at. */
  env: Readonly<Record<string, string | undefined>>;
  /** Reads a text file, rejecting with `code: "ENOENT"` when there is none. Default: the file system. */
  readFile?: (path: string) => Promise<string>;
}

/**
 * Finds the cluster as controller-runtime does: the explicit file, the files of `KUBECONFIG` merged, the pod's
 * service account, `$HOME/.kube/config`. Throws `InvalidConfig` when none of them leads to a cluster.
 */
export async function loadKubeConfig(options: LoadConfigOptions): Promise<ClusterConfig> {
  const { env, context } = options;
  const read = options.readFile ?? ((file: string) => readFile(file, "utf8"));
  if (options.kubeconfig) {
    const file = await readOptional(options.kubeconfig, read);
    if (!file) throw new KubeError("InvalidConfig", `kubeconfig ${options.kubeconfig} does not exist`);
    return resolveContext(mergeKubeConfigs([file]), { context });
  }

  const listed = (env.KUBECONFIG ?? "").split(path.delimiter).filter((entry) => entry !== "");
  if (listed.length === 0) {
    const inCluster = await loadInCluster(env, read);
    if (inCluster) return inCluster;
    if (env.HOME) listed.push(path.join(env.HOME, ".kube", "config"));
  }
  const files = (await Promise.all(listed.map((entry) => readOptional(entry, read)))).filter(
    (file) => file !== undefined,
  );
  if (files.length === 0) {
    const tried = listed.length === 0 ? "" : `; ${listed.join(", ")} does not exist`;
    throw new KubeError(
      "InvalidConfig",
      `no cluster configured: no kubeconfig given, not inside a cluster${tried}`,
    );
  }
  return resolveContext(mergeKubeConfigs(files), { context });
}

async function loadInCluster(
  env: LoadConfigOptions["env"],
  read: (path: string) => Promise<string>,
): Promise<ClusterConfig | undefined> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port) return undefined;
  const token = `${serviceAccountFolder}/token`;
  const ca = `${serviceAccountFolder}/ca.crt`;
  const [tokenFile, caFile, namespace] = await Promise.all(
    [token, ca, `${serviceAccountFolder}/namespace`].map((file) => readOptional(file, read)),
  );
  if (!tokenFile) return undefined;
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    ...(caFile && { ca: { file: ca } }),
    insecureSkipTlsVerify: false,
    auth: { token: { file: token } },
    namespace: namespace?.text.trim() || "default",
    source: "in-cluster",
  };
}

async function readOptional(
  file: string,
  read: (path: string) => Promise<string>,
): Promise<KubeConfigFile | undefined> {
  try {
    return { path: file, text: await read(file) };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new KubeError("InvalidConfig", `kubeconfig ${file} cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}
