import type { KubeClient, KubeObject } from "@package-operator/kube";
import { type Keychain, pullSecretKeychain } from "@package-operator/oci";
import type { ImageUse } from "./cluster-images.ts";
import { items, member } from "./pod-images.ts";

/** Whose secrets a pull uses. */
export interface PullIdentity {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Secrets named beside the image itself; with any, those of the ServiceAccount do not count. */
  readonly secrets: readonly string[];
}

/** The ServiceAccount whose pull secrets the operator uses for packages. */
export const operatorIdentity: PullIdentity = {
  namespace: "package-operator-system",
  serviceAccount: "package-operator",
  secrets: [],
};

/** Whose secrets count: the Pod's for what a node pulls, the operator's for packages. */
export function pullIdentity({ role, namespace, pullSecrets, serviceAccount }: ImageUse): PullIdentity {
  // A Job that is not there yet runs in the operator's namespace, under its account.
  if ((role !== "running" && role !== "workload") || namespace === "") return operatorIdentity;
  return { namespace, serviceAccount, secrets: pullSecrets };
}

/** Finds the credentials of identities in the cluster as they are now; each is read once. */
export function createPullSecrets(
  client: KubeClient,
  options: { readonly signal?: AbortSignal | undefined } = {},
): (identity: PullIdentity) => Promise<Keychain> {
  const keychains = new Map<string, Promise<Keychain>>();
  const objects = new Map<string, Promise<KubeObject | undefined>>();
  const find = (kind: string, namespace: string, name: string): Promise<KubeObject | undefined> => {
    const key = `${kind} ${namespace}/${name}`;
    const found = objects.get(key) ?? client.find({ apiVersion: "v1", kind, namespace, name }, options);
    objects.set(key, found);
    return found;
  };
  const read = async ({ namespace, serviceAccount, secrets }: PullIdentity): Promise<Keychain> => {
    // The API server copies an account's secrets into a Pod only when the Pod names none.
    const account =
      secrets.length > 0 ? undefined : await find("ServiceAccount", namespace, serviceAccount || "default");
    const names = secrets.length > 0 ? secrets : secretNames(account?.["imagePullSecrets"]);
    const found = await Promise.all(names.map((name) => find("Secret", namespace, name)));
    return pullSecretKeychain(found.filter((secret) => secret !== undefined));
  };
  return (identity) => {
    const key = JSON.stringify([identity.namespace, identity.serviceAccount, identity.secrets]);
    const keychain = keychains.get(key) ?? read(identity);
    keychains.set(key, keychain);
    return keychain;
  };
}

/** The names in a list of `imagePullSecrets`. */
export function secretNames(list: unknown): string[] {
  return items(list).flatMap((entry) => {
    const name = member(entry, "name");
    return typeof name === "string" ? [name] : [];
  });
}
