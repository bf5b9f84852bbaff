import type { Context } from "./context.ts";
import { CliError, errorText } from "./errors.ts";

const totalMs = 30_000;
const connectMs = 5000;

/**
 * Reads a text by HTTP, through the proxies of the environment; loopback addresses are reached directly.
 * @throws CliError `input` for other answers than 2xx, and when there is none in 30 s.
 */
export async function httpGet({ env, signal }: Context, url: string): Promise<string> {
  const { EnvHttpProxyAgent, fetch } = await import("undici");
  const variable = (name: string): string => env[name] || env[name.toLowerCase()] || "";
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: variable("HTTP_PROXY"),
    httpsProxy: variable("HTTPS_PROXY"),
    noProxy: [variable("NO_PROXY"), "localhost", "127.0.0.1", "::1"].filter((host) => host !== "").join(","),
    connect: { timeout: connectMs },
  });
  try {
    const response = await fetch(url, {
      dispatcher,
      signal: AbortSignal.any([signal, AbortSignal.timeout(totalMs)]),
    });
    if (!response.ok) throw new CliError("input", `${response.status} ${response.statusText}`.trimEnd());
    return await response.text();
  } catch (cause) {
    throw new CliError("input", `HTTP get: Get ${JSON.stringify(url)}: ${reason(cause)}`, { cause });
  } finally {
    await dispatcher.close();
  }
}

/** The first cause that says more than "fetch failed". */
function reason(error: unknown): string {
  const { cause } = error as { readonly cause?: unknown };
  return cause instanceof Error ? reason(cause) : errorText(error);
}
