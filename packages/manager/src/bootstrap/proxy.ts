import type { Environment } from "@package-operator/packaging";

type Env = Readonly<Record<string, string | undefined>>;

/** The environment with the cluster's proxies, or undefined when they are in it already or the cluster has none. */
export function withProxy(env: Env, proxy: Environment["proxy"]): Env | undefined {
  if (proxy === undefined) return undefined;
  const wanted: Record<string, string> = {
    HTTP_PROXY: proxy.httpProxy ?? "",
    HTTPS_PROXY: proxy.httpsProxy ?? "",
    NO_PROXY: proxy.noProxy ?? "",
  };
  const differs = Object.entries(wanted).some(([name, value]) => (env[name] ?? "") !== value);
  return differs ? { ...env, ...wanted } : undefined;
}
