import { type CallOptions, type KubeClient, type KubeObject } from "@package-operator/kube";
import { isJsonObject } from "@package-operator/kube-yaml";
import { type Keychain, pullSecretKeychain } from "@package-operator/oci";
import { at } from "../errors.ts";

/** Reads the pull secrets of a ServiceAccount, which authenticate package pulls as they do the pulls of its pods. */
export async function readPullSecrets(
  client: KubeClient,
  account: { namespace: string; name: string },
  options: CallOptions,
): Promise<Keychain> {
  const { namespace } = account;
  let serviceAccount: KubeObject;
  try {
    serviceAccount = await client.get({ apiVersion: "v1", kind: "ServiceAccount", ...account }, options);
  } catch (error) {
    throw at("pull", "creating keychain: getting service account", error);
  }
  const secrets: KubeObject[] = [];
  for (const name of secretNames(serviceAccount)) {
    try {
      const secret = await client.find({ apiVersion: "v1", kind: "Secret", namespace, name }, options);
      if (secret !== undefined) secrets.push(secret);
    } catch (error) {
      throw at("pull", "creating keychain: getting pull secret attached to sa", error);
    }
  }
  try {
    return pullSecretKeychain(secrets);
  } catch (error) {
    throw at("pull", "creating keychain", error);
  }
}

function secretNames(serviceAccount: KubeObject): string[] {
  const references = serviceAccount["imagePullSecrets"];
  if (!Array.isArray(references)) return [];
  return references
    .map((reference) => (isJsonObject(reference) ? reference["name"] : undefined))
    .filter((name) => typeof name === "string");
}
