import { parseReference } from "@package-operator/image";
import type { KubeClient } from "@package-operator/kube";
import { type ContentSource, isOciError, type Keychain, pullSecretKeychain } from "@package-operator/oci";
import { readImageTree } from "./image-tree.ts";
import type { LockedImage, MirrorLock } from "./lock.ts";
import { items, member } from "./pod-images.ts";
import type { VerifiedUse } from "./verify-cluster.ts";

export interface CheckOptions {
  readonly open: (registry: string, repository: string) => ContentSource;
  readonly signal?: AbortSignal | undefined;
}

/** What the mirror has of one locked image. */
export interface CheckedImage {
  readonly image: LockedImage;
  /** Undefined when it is complete. */
  readonly problem?: string;
}

/** Asks the mirror for everything in a lock: manifests, children of indexes, every blob, and that the tags point there. */
export async function checkMirror(lock: MirrorLock, options: CheckOptions): Promise<readonly CheckedImage[]> {
  return Promise.all(
    lock.images.map(async (image): Promise<CheckedImage> => {
      const problem = await whatIsMissing(image, options);
      return problem === undefined ? { image } : { image, problem };
    }),
  );
}

async function whatIsMissing(
  { target, digest, tags }: LockedImage,
  { open, signal }: CheckOptions,
): Promise<string | undefined> {
  const { registry, repository } = parseReference(`${target}@${digest}`);
  const source = open(registry, repository);
  try {
    const tree = await readImageTree(source, digest, { signal });
    const present = await Promise.all(tree.blobs.map((blob) => source.hasBlob(blob, { signal })));
    const missing = tree.blobs.find((_, index) => present[index] === false);
    if (missing !== undefined) return `blob ${missing.digest} is missing`;
    for (const tag of tags) {
      const found = await source.resolve(tag, { signal });
      if (found?.digest !== digest) return `tag ${tag} points to ${found?.digest ?? "nothing"}`;
    }
    return undefined;
  } catch (error) {
    if (isOciError(error)) return error.message;
    throw error;
  }
}

/** Asks the mirror for every image that was found in order, and adds the finding `missing-in-mirror` where it is not there. */
export async function checkUses(uses: readonly VerifiedUse[], options: CheckOptions): Promise<VerifiedUse[]> {
  const answers = new Map<string, Promise<string | undefined>>();
  const ask = (reference: string): Promise<string | undefined> => {
    const known = answers.get(reference) ?? resolveProblem(reference, options);
    answers.set(reference, known);
    return known;
  };
  return Promise.all(
    uses.map(async (use) => {
      if (use.finding !== undefined) return use;
      const problem = await ask(use.resolved);
      if (problem === undefined) return use;
      return { ...use, finding: { code: "missing-in-mirror", message: `${use.resolved}: ${problem}` } };
    }),
  );
}

async function resolveProblem(
  reference: string,
  { open, signal }: CheckOptions,
): Promise<string | undefined> {
  const { registry, repository, identifier } = parseReference(reference);
  try {
    const found = await open(registry, repository).resolve(identifier, { signal });
    return found === undefined ? "the mirror does not have it" : undefined;
  } catch (error) {
    if (isOciError(error)) return error.message;
    throw error;
  }
}

/** The ServiceAccount whose pull secrets the operator uses. */
const operatorAccount = {
  apiVersion: "v1",
  kind: "ServiceAccount",
  namespace: "package-operator-system",
  name: "package-operator",
};

/** The credentials that the operator in the cluster has: the pull secrets of its ServiceAccount, read now. */
export async function operatorKeychain(
  client: KubeClient,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Keychain> {
  const account = await client.find(operatorAccount, options);
  const names = items(account?.["imagePullSecrets"]).map((entry) => member(entry, "name"));
  const secrets = await Promise.all(
    names.map((name) =>
      client.find(
        { apiVersion: "v1", kind: "Secret", namespace: operatorAccount.namespace, name: String(name) },
        options,
      ),
    ),
  );
  return pullSecretKeychain(secrets.filter((secret) => secret !== undefined));
}
