import type { ContentOptions } from "../content.ts";

/** What a registry is asked for access with. */
export type Credentials =
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  /** A refresh token, exchanged for access tokens at the registry's token server. */
  | { readonly kind: "identity-token"; readonly token: string }
  /** An access token, sent as it is. */
  | { readonly kind: "registry-token"; readonly token: string };

/** Finds the credentials for a repository; undefined means anonymous. */
export interface Keychain {
  credentials(
    registry: string,
    repository: string,
    options?: ContentOptions,
  ): Promise<Credentials | undefined>;
}

/** Asks several key chains in order and takes the first answer. */
export function firstKeychain(...keychains: readonly Keychain[]): Keychain {
  return {
    async credentials(registry, repository, options) {
      for (const keychain of keychains) {
        const found = await keychain.credentials(registry, repository, options);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

/** Docker Hub is written in several ways; entries and references are compared by this one. */
export function canonicalRegistry(registry: string): string {
  const isDockerHub = ["docker.io", "index.docker.io", "registry-1.docker.io"].includes(registry);
  return isDockerHub ? "index.docker.io" : registry;
}

/** The same credentials for every repository of the named registries. */
export function staticKeychain(credentials: Readonly<Record<string, Credentials>>): Keychain {
  const byRegistry = new Map(
    Object.entries(credentials).map(([registry, value]) => [canonicalRegistry(registry), value]),
  );
  return {
    // oxlint-disable-next-line require-await -- the interface is asynchronous for key chains that do I/O
    async credentials(registry) {
      return byRegistry.get(canonicalRegistry(registry));
    },
  };
}
