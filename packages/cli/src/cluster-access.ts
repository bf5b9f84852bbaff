import path from "node:path";
import type { ClusterConfig, KubeClient } from "@package-operator/kube";
import type { Context } from "./context.ts";
import { CliError } from "./errors.ts";
import { type Flag, stringFlag } from "./flags/flag.ts";

/** `--context` of the commands that talk to a cluster. */
export const contextFlag: Flag<string> = stringFlag(
  "context of the kubeconfig to use instead of the current one",
);

export interface OpenClusterOptions {
  /** A context other than the current one; empty for the current one. */
  readonly context?: string;
}

/** Connects to the cluster of `--kubeconfig`, `KUBECONFIG` or the default file. The caller closes the client. */
export async function openCluster(
  context: Context,
  kubeconfig: string,
  options: OpenClusterOptions = {},
): Promise<KubeClient> {
  const { createKubeClient } = await import("@package-operator/kube");
  const config = await findCluster(context, kubeconfig, options);
  return createKubeClient(config, { env: context.env, userAgent: "kubectl-package" });
}

async function findCluster(
  { env, cwd }: Context,
  kubeconfig: string,
  { context = "" }: OpenClusterOptions,
): Promise<ClusterConfig> {
  const { isKubeError, loadKubeConfig } = await import("@package-operator/kube");
  try {
    return await loadKubeConfig({
      env,
      ...(kubeconfig === "" ? {} : { kubeconfig: path.resolve(cwd, kubeconfig) }),
      ...(context === "" ? {} : { context }),
    });
  } catch (cause) {
    if (!isKubeError(cause) || cause.code !== "InvalidConfig") throw cause;
    const isNamed = kubeconfig !== "" || (env["KUBECONFIG"] ?? "") !== "";
    const master = env["KUBERNETES_MASTER"] ?? "";
    if (isNamed || context !== "")
      throw new CliError("input", `invalid configuration: ${cause.message}`, { cause });
    if (master !== "") return serverOnly(master);
    const advice = "no configuration has been provided, try setting KUBERNETES_MASTER environment variable";
    throw new CliError("input", `invalid configuration: ${advice}`, { cause });
  }
}

/** A server without credentials, as `KUBERNETES_MASTER` names one when there is nothing else. */
function serverOnly(server: string): ClusterConfig {
  return {
    server,
    insecureSkipTlsVerify: false,
    auth: {},
    namespace: "default",
    source: "KUBERNETES_MASTER",
  };
}

/** Runs a step with a connection to the cluster, and closes it. */
export async function withCluster<T>(
  context: Context,
  { kubeconfig, context: name }: { readonly kubeconfig: string; readonly context: string },
  step: (client: KubeClient) => Promise<T>,
): Promise<T> {
  const client = await openCluster(context, kubeconfig, { context: name });
  try {
    return await step(client);
  } finally {
    await client.close();
  }
}
