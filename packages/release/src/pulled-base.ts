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
import { type BaseImage, caBundlePath, caVariable, parentFolders, textFile } from "./base-image.ts";
import { processorOf } from "./elf.ts";
import { ReleaseError } from "./errors.ts";
import { nodeVersionIn } from "./node-version.ts";

/** What of which image program images are built upon. */
export interface PulledBasesOptions {
  /** Tag or digest. */
  readonly reference: string;
  /** Which images of an index, all of them required. Default: those of linux/amd64 and linux/arm64 that are there. */
  readonly platforms?: readonly Platform[] | undefined;
  /** Certificates in PEM form, usually `tls.rootCertificates`. */
  readonly rootCertificates: readonly string[];
  /** Path of Node inside. Default: the first file called `bin/node` that a layer has. */
  readonly node?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Layers are held in memory; images with Node take a tenth of it. */
const maxLayerBytes = 1024 ** 3;
const usualPlatforms: readonly Platform[] = [
  { os: "linux", architecture: "amd64" },
  { os: "linux", architecture: "arm64" },
];

/**
 * Takes an image that holds Node, or the images of an index, as bases, with certificate authorities in one more layer.
 *
 * @throws ReleaseError `input` when a platform is missing, or an image has no Node that fits; OciError when something
 *   cannot be read.
 */
export async function pullBases(source: ContentSource, options: PulledBasesOptions): Promise<BaseImage[]> {
  const name = `${source.name} ${options.reference}`;
  const found = await findImages(source, options, name);
  return Promise.all(found.map((image) => pullBase(source, image, options, name)));
}

interface FoundImage {
  readonly manifest: ImageManifest;
  /** What the index says; an image alone has it in its configuration. */
  readonly platform?: Platform;
}

async function findImages(
  source: ContentSource,
  { reference, platforms, signal }: PulledBasesOptions,
  name: string,
): Promise<readonly FoundImage[]> {
  const root = parseManifest(await source.manifest(reference, { signal }));
  if (root.kind === "image") return [{ manifest: root }];
  const found = (platforms ?? usualPlatforms).map((wanted) => ({
    wanted,
    child: dependenciesOf(root).find(({ platform }) => fits(platform, wanted)),
  }));
  const missing = found.filter(({ child }) => child === undefined);
  if (platforms === undefined ? missing.length === found.length : missing.length > 0) {
    throw missingImage(
      name,
      missing.map(({ wanted }) => wanted),
    );
  }
  const children = found.flatMap(({ child }) => (child === undefined ? [] : [child]));
  return Promise.all(
    children.map(async ({ digest, platform }) => {
      const manifest = parseManifest(await source.manifest(digest, { signal }));
      if (manifest.kind === "image") return { manifest, ...(platform === undefined ? {} : { platform }) };
      throw new ReleaseError("input", `${name}: ${digest} is an index inside an index`);
    }),
  );
}

async function pullBase(
  source: ContentSource,
  image: FoundImage,
  options: PulledBasesOptions,
  name: string,
): Promise<BaseImage> {
  const { signal } = options;
  const { manifest } = image;
  const config = JSON.parse(
    Buffer.from(await readBlob(source, manifest.config, { signal })).toString("utf8"),
  ) as ImageConfig;
  const platform = image.platform ?? platformOf(config);
  const place = `${name} for ${platformText(platform)}`;
  const isWanted = (options.platforms ?? [platform]).some((wanted) => fits(platform, wanted));
  if (!isWanted) throw missingImage(name, options.platforms ?? []);
  const layers = await Promise.all(
    manifest.layers.map(async (descriptor, index): Promise<Layer> => {
      const bytes = await readBlob(source, descriptor, { signal, maxBytes: maxLayerBytes });
      return { descriptor: asOciLayer(descriptor), bytes, diffId: config.rootfs.diff_ids[index]! };
    }),
  );
  const { path: node, content } = await findNode(layers, options.node, place);
  const processor = processorOf(content);
  if (processor !== undefined && processor !== platform.architecture) {
    throw new ReleaseError("input", `${place} holds a Node for ${processor}`);
  }
  const env = (config.config?.Env ?? []).filter((entry) => !entry.startsWith(`${caVariable}=`));
  const bundle = textFile(caBundlePath, `${options.rootCertificates.map((pem) => pem.trim()).join("\n")}\n`);
  return {
    platform,
    layers: [...layers, await createLayer([...parentFolders([bundle]), bundle], { format: "oci" })],
    env: [...env, `${caVariable}=${caBundlePath}`],
    node,
    nodeVersion: nodeVersionIn(content, `${place}: ${node}`),
  };
}

/** Reads `linux/arm64` or `linux/arm/v7`; throws ReleaseError `input` for anything else. */
export function parsePlatform(text: string): Platform {
  const [, os, architecture, variant] = /^([a-z0-9]+)\/([a-z0-9]+)(?:\/([a-z0-9]+))?$/.exec(text) ?? [];
  if (os === undefined || architecture === undefined) {
    throw new ReleaseError("input", `${text} is not a platform such as linux/arm64`);
  }
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

function platformOf({ os, architecture, variant }: ImageConfig): Platform {
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

/** As people write it. */
export function platformText({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join("/");
}

/** A variant counts only when it is asked for: arm64 is often, but not always, called arm64/v8. */
function fits(platform: Platform | undefined, wanted: Platform): boolean {
  return (
    platform?.os === wanted.os &&
    platform.architecture === wanted.architecture &&
    (wanted.variant === undefined || platform.variant === wanted.variant)
  );
}

function missingImage(name: string, platforms: readonly Platform[]): ReleaseError {
  return new ReleaseError("input", `${name} has no image for ${platforms.map(platformText).join(", ")}`);
}

/** Docker's and OCI's layers differ in their names only, and one manifest should not mix them. */
function asOciLayer(descriptor: Descriptor): Descriptor {
  return descriptor.mediaType === mediaTypes.dockerLayerGzip
    ? { ...descriptor, mediaType: mediaTypes.ociLayerGzip }
    : descriptor;
}

async function findNode(
  layers: readonly Layer[],
  wanted: string | undefined,
  place: string,
): Promise<{ readonly path: string; readonly content: Buffer }> {
  for (const { bytes } of layers) {
    for await (const entry of readTar(decompress(single(bytes)))) {
      const path = `/${safeTarPath(entry.path)}`;
      const isNode = wanted === undefined ? path.endsWith("/bin/node") : path === wanted;
      if (entry.type !== "file" || !isNode) continue;
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry.content) chunks.push(chunk);
      return { path, content: Buffer.concat(chunks) };
    }
  }
  throw new ReleaseError("input", `${place} holds no file ${wanted ?? "bin/node"}`);
}

async function* single(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
