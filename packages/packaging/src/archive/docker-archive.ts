import { parseReference } from "@package-operator/image";
import { type BuiltImage, type TarInput, writeTar } from "@package-operator/oci";

/**
 * Writes an image as `docker load` reads it: configuration, layers, `manifest.json`.
 *
 * @param tags references the image gets, in the spelling they are shown with; a digest in one becomes the tag
 *   `i-was-a-digest`, since a loaded image can only be found by tags.
 */
export function writeDockerArchive(image: BuiltImage, tags: readonly string[]): AsyncGenerator<Uint8Array> {
  const config = image.config.descriptor.digest;
  const layers = image.layers.map(({ descriptor, bytes = new Uint8Array(0) }) => ({
    path: `${descriptor.digest.slice("sha256:".length)}.tar.gz`,
    content: bytes,
  }));
  const manifest = [
    { Config: config, RepoTags: tags.map(archiveTag), Layers: layers.map((layer) => layer.path) },
  ];
  const entries: TarInput[] = [
    { path: config, content: image.config.bytes },
    ...layers,
    { path: "manifest.json", content: Buffer.from(JSON.stringify(manifest)) },
  ];
  return writeTar(entries.map((entry) => ({ ...entry, mode: 0o644 })));
}

function archiveTag(text: string): string {
  if (parseReference(text).kind === "digest") return `${text.slice(0, text.indexOf("@"))}:i-was-a-digest`;
  const hasTag = text.lastIndexOf(":") > text.lastIndexOf("/");
  return hasTag ? text : `${text}:latest`;
}
