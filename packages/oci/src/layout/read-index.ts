import { parseManifest, parseObject, type Descriptor } from "../manifest.ts";
import { mediaTypes } from "../media-types.ts";
import { OciError } from "../errors.ts";

/** The entries of an `index.json`; `where` names the layout in the `invalid-content` error. */
export function readIndex(bytes: Uint8Array, where: string): readonly Descriptor[] {
  try {
    const descriptor = { mediaType: mediaTypes.ociIndex, digest: "index.json", size: bytes.length };
    const manifest = parseManifest({ descriptor, bytes });
    return manifest.kind === "index" ? manifest.manifests : [];
  } catch (error) {
    throw new OciError("invalid-content", `${where}: index.json: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** The text of an `index.json`. */
export function writeIndex(entries: readonly Descriptor[]): Uint8Array {
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: entries };
  return Buffer.from(`${JSON.stringify(index, null, 2)}\n`);
}

/** Throws unless a file is the marker of a layout that is understood here. */
export function checkMarker(bytes: Uint8Array | undefined, where: string): void {
  if (bytes === undefined)
    throw new OciError("invalid-content", `${where} is not an OCI layout: no oci-layout file`);
  const version = parseObject(bytes, `${where}: oci-layout`)["imageLayoutVersion"];
  if (version !== "1.0.0") {
    throw new OciError("unsupported", `${where}: OCI layout version "${String(version)}" is not supported`);
  }
}
