import {
  type ContentSource,
  createLayer,
  decompress,
  type Descriptor,
  dependenciesOf,
  type ImageConfig,
  type ImageManifest,
  type Layer,
  mediaTypes,
  parseManifest,
  type Platform,
  readBlob,
  readTar,
  safeTarPath,
} from "@package-operator/oci";
import { type BaseImage, caBundlePath, parentFolders, textFile } from "./base-image.ts";
import { ReleaseError } from "./errors.ts";

/** What of which image program images are built upon. */
export interface PulledBaseOptions {
  /** Tag or digest. */
  readonly reference: string;
  /** Which image of an index. */
  readonly platform: Platform;
  /** Certificates in PEM form, usually `tls.rootCertificates`. */
  readonly rootCertificates: readonly string[];
  /** Path of Node inside. Default: the first file called `bin/node` that a layer has. */
  readonly node?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Layers are held in memory; images with Node take a tenth of it. */
const maxLayerBytes = 1024 ** 3;

/**
 * Takes an image that holds Node as the base, with certificate authorities in one more layer.
 *
 * @throws ReleaseError `input` when the image has no such platform or no Node; OciError when it cannot be read.
 */
export async function pullBase(source: ContentSource, options: PulledBaseOptions): Promise<BaseImage> {
  const { signal } = options;
  const name = `${source.name} ${options.reference}`;
  const manifest = await findImage(source, options, name);
  const config = JSON.parse(
    Buffer.from(await readBlob(source, manifest.config, { signal })).toString("utf8"),
  ) as ImageConfig;
  const layers = await Promise.all(
    manifest.layers.map(async (descriptor, index): Promise<Layer> => {
      const bytes = await readBlob(source, descriptor, { signal, maxBytes: maxLayerBytes });
      return { descriptor: asOciLayer(descriptor), bytes, diffId: config.rootfs.diff_ids[index]! };
    }),
  );
  const node = options.node ?? (await findNode(layers));
  if (node === undefined) throw new ReleaseError("input", `${name} holds no file bin/node`);
  const bundle = textFile(caBundlePath, `${options.rootCertificates.map((pem) => pem.trim()).join("\n")}\n`);
  const { os, architecture } = options.platform;
  return {
    platform: { os, architecture },
    layers: [...layers, await createLayer([...parentFolders([bundle]), bundle], { format: "oci" })],
    env: [...(config.config?.Env ?? []), `NODE_EXTRA_CA_CERTS=${caBundlePath}`],
    node,
  };
}

async function findImage(
  source: ContentSource,
  options: PulledBaseOptions,
  name: string,
): Promise<ImageManifest> {
  const { signal, platform } = options;
  const root = parseManifest(await source.manifest(options.reference, { signal }));
  if (root.kind === "image") return root;
  const isWanted = (child: Descriptor): boolean =>
    child.platform?.os === platform.os && child.platform.architecture === platform.architecture;
  const child = dependenciesOf(root).find(isWanted);
  const manifest =
    child === undefined ? undefined : parseManifest(await source.manifest(child.digest, { signal }));
  if (manifest?.kind === "image") return manifest;
  throw new ReleaseError("input", `${name} has no image for ${platform.os}/${platform.architecture}`);
}

/** Docker's and OCI's layers differ in their names only, and one manifest should not mix them. */
function asOciLayer(descriptor: Descriptor): Descriptor {
  return descriptor.mediaType === mediaTypes.dockerLayerGzip
    ? { ...descriptor, mediaType: mediaTypes.ociLayerGzip }
    : descriptor;
}

async function findNode(layers: readonly Layer[]): Promise<string | undefined> {
  for (const { bytes } of layers) {
    for await (const entry of readTar(decompress(single(bytes)))) {
      const path = `/${safeTarPath(entry.path)}`;
      if (entry.type === "file" && path.endsWith("/bin/node")) return path;
    }
  }
  return undefined;
}

async function* single(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
