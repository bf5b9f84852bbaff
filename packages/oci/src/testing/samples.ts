import { randomBytes } from "node:crypto";
import { digestOf } from "../digest.ts";
import { buildImage, buildIndex, type BuiltImage } from "../image.ts";
import { createLayer, type Blob, type Layer } from "../layer.ts";
import type { ManifestContent } from "../manifest.ts";
import { mediaTypes } from "../media-types.ts";

/** A blob of random bytes. */
export function randomBlob(size: number): Blob {
  const bytes = randomBytes(size);
  return { descriptor: { mediaType: mediaTypes.ociLayer, digest: digestOf(bytes), size }, bytes };
}

/** A layer with one file of random bytes, so that no two are equal. */
export function randomLayer(size = 1000): Promise<Layer> {
  return createLayer([{ path: `files/${size}`, content: randomBytes(size), mode: 0o644 }]);
}

/** An image of random layers, or of the given ones. */
export async function sampleImage(
  options: {
    readonly layers?: readonly Layer[];
    readonly architecture?: string;
    readonly format?: "docker" | "oci";
  } = {},
): Promise<BuiltImage> {
  return buildImage({
    layers: options.layers ?? [await randomLayer(), await randomLayer(2000)],
    platform: { os: "linux", architecture: options.architecture ?? "amd64" },
    config: { Labels: { sample: digestOf(randomBytes(8)) } },
    format: options.format ?? "oci",
  });
}

/** An index of images with their platforms. */
export function sampleIndex(images: readonly BuiltImage[]): ManifestContent {
  const architectures = ["amd64", "arm64", "s390x", "ppc64le"];
  return buildIndex(
    images.map((image, index) => ({
      ...image.manifest.descriptor,
      platform: { os: "linux", architecture: architectures[index % 4]! },
    })),
  );
}

/** A signature-like artefact that refers to a manifest. */
export function sampleReferrer(
  subject: ManifestContent,
  artifactType = "application/vnd.example.signature",
): { readonly manifest: ManifestContent; readonly blobs: readonly Blob[] } {
  const empty = Buffer.from("{}");
  const config: Blob = {
    descriptor: { mediaType: mediaTypes.ociEmpty, digest: digestOf(empty), size: 2 },
    bytes: empty,
  };
  const layer = randomBlob(64);
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      artifactType,
      config: config.descriptor,
      layers: [layer.descriptor],
      subject: subject.descriptor,
      annotations: { "org.example": "yes" },
    }),
  );
  const descriptor = { mediaType: mediaTypes.ociManifest, digest: digestOf(bytes), size: bytes.length };
  return { manifest: { descriptor, bytes }, blobs: [config, layer] };
}
