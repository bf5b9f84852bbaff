import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import path from "node:path";
import {
  type ContentSource,
  createRegistryClient,
  type Digest,
  type ImageConfig,
  type ImageManifest,
  parseManifest,
  pullSecretKeychain,
  type PullSecret,
  readBlob,
  type RegistryClient,
} from "@package-operator/oci";
import { unpackLayer } from "./unpack-layer.ts";

/** An image that was found in a registry; nothing of its layers is read yet. */
export interface FoundImage {
  /** Digest of the manifest that the reference names: of the index, when there is one. */
  readonly digest: Digest;
  /** `REPOSITORY@DIGEST`, as node statuses show it. */
  readonly id: string;
  /** Undefined for artifacts that are no container images. */
  readonly config: ImageConfig | undefined;
  readonly source: ContentSource;
  readonly manifest: ImageManifest;
  /** Digest of the image's own manifest. */
  readonly imageDigest: Digest;
}

/** Options of {@link createImageStore}. */
export interface ImageStoreOptions {
  /** Folder for unpacked images. */
  readonly dir: string;
  /** Where host names lead. */
  readonly resolve: Readonly<Record<string, string>>;
  /** Processor that images of several are chosen for, in OCI's word. */
  readonly architecture: string;
}

/** How an image is looked for. */
export interface FindOptions {
  readonly secrets: readonly PullSecret[];
  /** `imagePullPolicy`: all but `Always` take an image that was found before without asking again. */
  readonly policy: string;
  readonly signal: AbortSignal;
}

/** The images of the node. */
export interface ImageStore {
  /** Looks an image up in its registry. Throws the registry's error. */
  find(reference: string, options: FindOptions): Promise<FoundImage>;
  /** Unpacks an image once and gives the folder that is its root. */
  unpack(image: FoundImage, signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

/** Starts an image store; unpacked images are shared by all containers, which therefore must not write to them. */
export function createImageStore(options: ImageStoreOptions): ImageStore {
  const found = new Map<string, FoundImage>();
  const unpacked = new Map<Digest, Promise<string>>();
  const clients: RegistryClient[] = [];
  const clientFor = (secrets: readonly PullSecret[]): RegistryClient => {
    const client = createRegistryClient({
      resolve: options.resolve,
      retries: 1,
      ...(secrets.length === 0 ? {} : { keychain: pullSecretKeychain(secrets) }),
    });
    clients.push(client);
    return client;
  };
  const anonymous = clientFor([]);
  return {
    async find(reference, { secrets, policy, signal }) {
      const known = found.get(reference);
      if (known !== undefined && policy !== "Always") return known;
      if (policy === "Never") {
        throw new Error(
          `Container image ${JSON.stringify(reference)} is not present with pull policy of Never`,
        );
      }
      const client = secrets.length === 0 ? anonymous : clientFor(secrets);
      const image = await findImage(client, reference, options.architecture, signal);
      found.set(reference, image);
      return image;
    },
    unpack(image, signal) {
      const ready = unpacked.get(image.imageDigest);
      if (ready !== undefined) return ready;
      const started = unpackImage(options.dir, image, signal);
      unpacked.set(image.imageDigest, started);
      started.catch(() => unpacked.delete(image.imageDigest));
      return started;
    },
    async close() {
      await Promise.allSettled([...unpacked.values()]);
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

async function findImage(
  client: RegistryClient,
  reference: string,
  architecture: string,
  signal: AbortSignal,
): Promise<FoundImage> {
  const { repository, reference: wanted } = client.image(reference);
  const content = await repository.manifest(wanted, { signal });
  let manifest = parseManifest(content);
  let imageDigest = content.descriptor.digest;
  if (manifest.kind === "index") {
    const { manifests } = manifest;
    const fits = manifests.find(
      ({ platform }) => platform?.os === "linux" && platform.architecture === architecture,
    );
    const chosen = fits ?? manifests[0];
    if (chosen === undefined) throw new Error(`${reference}: no match for platform in manifest: not found`);
    imageDigest = chosen.digest;
    manifest = parseManifest(await repository.manifest(chosen.digest, { signal }));
  }
  if (manifest.kind === "index") throw new Error(`${reference}: an index of an index`);
  return {
    digest: content.descriptor.digest,
    id: `${repository.name}@${content.descriptor.digest}`,
    config: await readConfig(repository, manifest, signal),
    source: repository,
    manifest,
    imageDigest,
  };
}

async function readConfig(
  source: ContentSource,
  manifest: ImageManifest,
  signal: AbortSignal,
): Promise<ImageConfig | undefined> {
  if (!/container\.image|config\.v1\+json|image\.v1/.test(manifest.config.mediaType)) return undefined;
  const bytes = await readBlob(source, manifest.config, { signal });
  return JSON.parse(Buffer.from(bytes).toString()) as ImageConfig;
}

/** Unpacks beside the final place and moves it there, so that a half unpacked image is never used. */
async function unpackImage(dir: string, image: FoundImage, signal: AbortSignal): Promise<string> {
  await mkdir(dir, { recursive: true });
  const temporary = await mkdtemp(path.join(dir, "unpacking-"));
  try {
    for (const layer of image.manifest.layers) {
      await unpackLayer(temporary, image.source.blob(layer, { signal }));
    }
    const final = path.join(dir, image.imageDigest.replace(":", "-"));
    await rm(final, { recursive: true, force: true });
    await rename(temporary, final);
    return final;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}
