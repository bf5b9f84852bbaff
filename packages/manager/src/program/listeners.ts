import {
  createHealthHandler,
  createProfileHandler,
  type HttpHandler,
  type HttpListener,
  isListenerOff,
  listen,
} from "@package-operator/controller";
import type { ProcessContext } from "./process-context.ts";

/** The addresses of a program's listeners, in Go's form: `:8080`, `host:8080`, empty or `0` for none. */
export interface ListenerAddresses {
  readonly metricsAddress: string;
  readonly probeAddress: string;
  readonly pprofAddress: string;
}

/** Starts the listeners; both probes always succeed, as readiness must not wait for the leader lease. */
export async function startListeners(
  addresses: ListenerAddresses,
  metrics: HttpHandler,
  context: Pick<ProcessContext, "argv" | "env" | "clock">,
): Promise<HttpListener[]> {
  const ok = () => undefined;
  const health = createHealthHandler({ healthz: { health: ok }, readyz: { check: ok } });
  const profiles = createProfileHandler({ argv: context.argv, clock: context.clock });
  const wanted = [
    { address: addresses.probeAddress, handler: health },
    { address: addresses.metricsAddress, handler: metrics },
    { address: addresses.pprofAddress, handler: profiles },
  ].filter(({ address }) => !isListenerOff(address));
  const started: HttpListener[] = [];
  try {
    for (const { address, handler } of wanted) {
      started.push(await listen(bindAddress(address, context.env["PKO_BIND_HOST"]), handler));
    }
    return started;
  } catch (error) {
    await Promise.all(started.map((listener) => listener.close()));
    throw error;
  }
}

/** Fills in a host where an address has none: pods that share a machine's network need one of their own. */
export function bindAddress(address: string, host: string | undefined): string {
  return host && address.startsWith(":") ? `${host.includes(":") ? `[${host}]` : host}${address}` : address;
}
