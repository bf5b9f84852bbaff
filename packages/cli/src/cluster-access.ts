import path from "node:path";
import type { KubeClient } from "@package-operator/kube";
import type { Context } from "./context.ts";

/** Connects to the cluster of `--kubeconfig`, `KUBECONFIG` or the default file. The caller closes the client. */
export async function openCluster(context: Context, kubeconfig: string): Promise<KubeClient> {
  const { createKubeClient, loadKubeConfig } = await import("@package-operator/kube");
  const config = await loadKubeConfig({
    env: context.env,
    ...(kubeconfig === "" ? {} : { kubeconfig: path.resolve(context.cwd, kubeconfig) }),
  });
  return createKubeClient(config, { env: context.env, userAgent: "kubectl-package" });
}
