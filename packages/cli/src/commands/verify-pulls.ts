import type { KubeClient } from "@package-operator/kube";
import type { OpenSource, VerifiedUse } from "@package-operator/mirror";
import type { ContentSource, Keychain, RegistryClient } from "@package-operator/oci";
import type { Context } from "../context.ts";
import type { FlagValues } from "../flags/flag.ts";
import { openRegistries, type RegistryFlags } from "../registry-access.ts";

/** Registries as the cluster sees them: with the pull secrets that it has. */
export interface ClusterPulls {
  /** Opens a repository as whoever pulls for this use does. */
  readonly open: (registry: string, repository: string, use: VerifiedUse) => Promise<ContentSource>;
  /** Opens repositories as the operator does for packages. */
  readonly openAsOperator: () => Promise<OpenSource>;
  close(): Promise<void>;
}

/** Makes one registry client per set of credentials; nothing is read before it is needed. */
export async function openAsCluster(
  context: Context,
  flags: FlagValues<RegistryFlags>,
  client: KubeClient,
): Promise<ClusterPulls> {
  const { createPullSecrets, operatorIdentity, pullIdentity } = await import("@package-operator/mirror");
  const keychainOf = createPullSecrets(client, { signal: context.signal });
  const clients = new Map<Keychain, Promise<RegistryClient>>();
  const clientFor = async (identity: Parameters<typeof keychainOf>[0]): Promise<RegistryClient> => {
    const keychain = await keychainOf(identity);
    const known = clients.get(keychain) ?? openRegistries(context, flags, { keychain });
    clients.set(keychain, known);
    return known;
  };
  return {
    open: async (registry, repository, use) =>
      (await clientFor(pullIdentity(use))).repository(registry, repository),
    async openAsOperator() {
      const registries = await clientFor(operatorIdentity);
      return (registry, repository) => registries.repository(registry, repository);
    },
    async close() {
      for (const registries of clients.values()) await (await registries).close();
    },
  };
}
