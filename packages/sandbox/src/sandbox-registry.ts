import { createRegistryServer, diskStorage, memoryStorage, type RegistryServer } from "@package-operator/oci";
import { SandboxError } from "./errors.ts";

/** A registry on the loopback interface that answers for a host name. */
export interface SandboxRegistry {
  /** The name that references use, such as `quay.io`. */
  readonly host: string;
  /** `127.0.0.1:PORT`, which references may use as well. */
  readonly address: string;
  /** Where the name leads: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Takes the registry down, as an outage; what it holds stays. */
  stop(): Promise<void>;
  /** Brings it back under the same address. */
  start(): Promise<void>;
}

/**
 * Starts a registry for a host name.
 *
 * @param dir Folder that keeps its contents; in memory when absent.
 */
export async function startSandboxRegistry(host: string, dir?: string): Promise<SandboxRegistry> {
  const storage = dir === undefined ? memoryStorage() : await diskStorage(dir);
  let server: RegistryServer | undefined = createRegistryServer({ storage });
  const { address, url } = await server.listen({ host: "127.0.0.1" });
  const port = Number(address.slice(address.lastIndexOf(":") + 1));
  return {
    host,
    address,
    url,
    stop: async () => {
      const running = server;
      server = undefined;
      await running?.close();
    },
    start: async () => {
      if (server !== undefined) return;
      const restarted = createRegistryServer({ storage });
      await restarted.listen({ host: "127.0.0.1", port });
      server = restarted;
    },
  };
}

/** The registry of a host among those that were started. @throws SandboxError `InvalidOptions` */
export function findRegistry(registries: readonly SandboxRegistry[], host: string): SandboxRegistry {
  const found = registries.find((registry) => registry.host === host);
  if (found === undefined)
    throw new SandboxError("InvalidOptions", `the sandbox has no registry for ${host}`);
  return found;
}
