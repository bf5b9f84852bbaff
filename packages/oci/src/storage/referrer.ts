import { parseManifest, type Descriptor, type ManifestContent } from "../manifest.ts";

/** The descriptor that a referrers list shows for a manifest (OCI distribution specification, "Listing Referrers"). */
export function referrerDescriptor(content: ManifestContent): Descriptor {
  const manifest = parseManifest(content);
  const { mediaType, digest, size } = content.descriptor;
  const artifactType =
    manifest.artifactType ?? (manifest.kind === "image" ? manifest.config.mediaType : undefined);
  return {
    mediaType,
    digest,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(manifest.annotations === undefined ? {} : { annotations: manifest.annotations }),
  };
}
