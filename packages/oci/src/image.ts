import type { ContentOptions, ContentTarget } from "./content.ts";
import { digestOf, type Digest } from "./digest.ts";
import type { Blob } from "./layer.ts";
import type { Descriptor, ImageConfig, ManifestContent, Platform } from "./manifest.ts";
import { mediaTypes } from "./media-types.ts";

/** A layer to put into an image: one made by `createLayer`, or one that the target has already (then without bytes). */
export interface ImageLayer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
  readonly bytes?: Uint8Array;
}

/** What {@link buildImage} makes an image of. */
export interface ImageSpec {
  readonly layers: readonly ImageLayer[];
  /** Default: linux/amd64, which package images are for whatever the machine. */
  readonly platform?: Platform;
  readonly config?: ImageConfig["config"];
  /** Default: `docker`. */
  readonly format?: "docker" | "oci";
  /** RFC 3339. Default: Go's zero time, as the reference packages have it. */
  readonly created?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An image in memory, ready to be written to any target. */
export interface BuiltImage {
  readonly manifest: ManifestContent;
  readonly config: Blob;
  readonly layers: readonly ImageLayer[];
}

const zeroTime = "0001-01-01T00:00:00Z";

/** Builds configuration and manifest around layers; the same input gives the same bytes. */
export function buildImage(spec: ImageSpec): BuiltImage {
  const platform = spec.platform ?? { os: "linux", architecture: "amd64" };
  const created = spec.created ?? zeroTime;
  const isOci = spec.format === "oci";
  // Key order is part of the bytes: it is the order of go-containerregistry's structures.
  const config: ImageConfig = {
    architecture: platform.architecture,
    created,
    history: spec.layers.map(() => ({ created })),
    os: platform.os,
    rootfs: { type: "layers", diff_ids: spec.layers.map((layer) => layer.diffId) },
    config: spec.config ?? {},
    ...(platform.variant === undefined ? {} : { variant: platform.variant }),
  };
  const configBlob = jsonBlob(config, isOci ? mediaTypes.ociConfig : mediaTypes.dockerConfig);
  const manifest = jsonBlob(
    {
      schemaVersion: 2,
      mediaType: isOci ? mediaTypes.ociManifest : mediaTypes.dockerManifest,
      config: configBlob.descriptor,
      layers: spec.layers.map((layer) => layer.descriptor),
      ...(spec.annotations === undefined ? {} : { annotations: spec.annotations }),
    },
    isOci ? mediaTypes.ociManifest : mediaTypes.dockerManifest,
  );
  return { manifest, config: configBlob, layers: spec.layers };
}

/** Builds an index (or a Docker manifest list) of manifests. */
export function buildIndex(
  manifests: readonly Descriptor[],
  options: {
    readonly format?: "docker" | "oci";
    readonly annotations?: Readonly<Record<string, string>>;
  } = {},
): ManifestContent {
  const mediaType = options.format === "docker" ? mediaTypes.dockerManifestList : mediaTypes.ociIndex;
  const annotations = options.annotations === undefined ? {} : { annotations: options.annotations };
  return jsonBlob({ schemaVersion: 2, mediaType, manifests, ...annotations }, mediaType);
}

/**
 * Writes an image: layers and configuration first, then the manifest by its digest, then each tag. Returns the digest.
 * `isRoot` false is for the images of an index; the default is true for images without tags.
 */
export async function writeImage(
  target: ContentTarget,
  image: BuiltImage,
  options: ContentOptions & { readonly tags?: readonly string[]; readonly isRoot?: boolean } = {},
): Promise<Digest> {
  const blobs: readonly (ImageLayer | Blob)[] = [...image.layers, image.config];
  await Promise.all(
    blobs.map(async ({ descriptor, bytes }) => {
      if (bytes === undefined || (await target.hasBlob(descriptor, options))) return;
      await target.writeBlob(descriptor, (offset) => chunkOf(bytes.subarray(offset)), {
        signal: options.signal,
      });
    }),
  );
  const { digest } = image.manifest.descriptor;
  const { tags = [], isRoot = tags.length === 0 } = options;
  for (const reference of [digest, ...tags]) {
    await target.writeManifest(reference, image.manifest, { signal: options.signal, isRoot });
  }
  return digest;
}

async function* chunkOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

function jsonBlob(value: object, mediaType: string): Blob {
  const bytes = Buffer.from(JSON.stringify(value), "utf8");
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}
