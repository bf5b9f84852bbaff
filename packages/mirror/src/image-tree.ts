import {
  dependenciesOf,
  type Descriptor,
  type ImageConfig,
  isStored,
  OciError,
  parseManifest,
  type Platform,
  readBlob,
  type ContentSource,
} from "@package-operator/oci";

/** An image with everything below it. */
export interface ImageTree {
  readonly root: Descriptor;
  /** The root and, for an index, its children. */
  readonly manifests: readonly Descriptor[];
  /** Configurations and layers, each digest once, without layers that only their publisher hands out. */
  readonly blobs: readonly Descriptor[];
  /** `os/architecture[/variant]` of each image, without attestations and other attachments. */
  readonly platforms: readonly string[];
}

/** Reads the manifests of an image and, where no index tells the platform, its configuration. */
export async function readImageTree(
  source: ContentSource,
  reference: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ImageTree> {
  const content = await source.manifest(reference, options);
  const manifest = parseManifest(content);
  const root = content.descriptor;
  if (manifest.kind === "image") {
    const platforms = await configPlatform(source, manifest.config, options);
    return { root, manifests: [root], blobs: unique(dependenciesOf(manifest).filter(isStored)), platforms };
  }
  const children = await Promise.all(manifest.manifests.map((child) => readChild(source, child, options)));
  return {
    root,
    manifests: [root, ...children.flatMap((child) => child.manifests)],
    blobs: unique(children.flatMap((child) => child.blobs)),
    platforms: [...new Set(manifest.manifests.flatMap(({ platform }) => formatPlatform(platform)))],
  };
}

async function readChild(
  source: ContentSource,
  descriptor: Descriptor,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<Pick<ImageTree, "manifests" | "blobs">> {
  const manifest = parseManifest(await source.manifest(descriptor.digest, options));
  if (manifest.kind === "image")
    return { manifests: [descriptor], blobs: dependenciesOf(manifest).filter(isStored) };
  const children = await Promise.all(manifest.manifests.map((child) => readChild(source, child, options)));
  return {
    manifests: [descriptor, ...children.flatMap((child) => child.manifests)],
    blobs: children.flatMap((child) => child.blobs),
  };
}

/** Artefacts other than images have configurations that say nothing about a platform, or are not even JSON. */
async function configPlatform(
  source: ContentSource,
  config: Descriptor,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<string[]> {
  if (!/\.image\.(config\.)?v1\+json$/.test(config.mediaType)) return [];
  const bytes = await readBlob(source, config, options);
  try {
    return formatPlatform(JSON.parse(Buffer.from(bytes).toString("utf8")) as ImageConfig);
  } catch (cause) {
    throw new OciError("invalid-content", `${source.name}: configuration ${config.digest} is not JSON`, {
      cause,
    });
  }
}

function formatPlatform(platform: Platform | undefined): string[] {
  if (platform === undefined || typeof platform.os !== "string" || platform.os === "unknown") return [];
  const { os, architecture, variant } = platform;
  return [
    variant === undefined || variant === "" ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`,
  ];
}

function unique(descriptors: readonly Descriptor[]): Descriptor[] {
  return [...new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor])).values()];
}
