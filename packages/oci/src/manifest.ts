import type { Digest } from "./digest.ts";
import { isDigest } from "./digest.ts";
import { OciError } from "./errors.ts";
import { isImageType, isIndexType, mediaTypes } from "./media-types.ts";

/** Operating system and processor of an image (OCI image index). */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
}

/** Points to content by its digest (OCI content descriptor). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly platform?: Platform;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  readonly urls?: readonly string[];
  /** The content itself in base64. */
  readonly data?: string;
}

/** A manifest's bytes, kept as they were stored, with the descriptor that names them. */
export interface ManifestContent {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** The parts of a manifest that is a list of manifests: an OCI index or a Docker manifest list. */
export interface IndexManifest {
  readonly kind: "index";
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The parts of a manifest of one image or artefact. */
export interface ImageManifest {
  readonly kind: "image";
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Any manifest; branch on `kind`. */
export type Manifest = IndexManifest | ImageManifest;

/** What a container runtime reads from an image's configuration. */
export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly created?: string;
  readonly config?: {
    readonly User?: string;
    readonly Env?: readonly string[];
    readonly Entrypoint?: readonly string[];
    readonly Cmd?: readonly string[];
    readonly WorkingDir?: string;
    readonly Labels?: Readonly<Record<string, string>>;
    readonly ExposedPorts?: Readonly<Record<string, object>>;
  };
  readonly rootfs: { readonly type: "layers"; readonly diff_ids: readonly Digest[] };
  readonly history?: readonly Readonly<Record<string, unknown>>[];
}

/**
 * Understands the bytes of a manifest. The media type given by the registry may be missing or generic; then the one
 * inside, or the shape, decides. Throws `invalid-content`, and `unsupported` for Docker schema 1.
 */
export function parseManifest(content: ManifestContent): Manifest {
  const { digest } = content.descriptor;
  const json = parseObject(content.bytes, `manifest ${digest}`);
  const mediaType = manifestType(json, content.descriptor.mediaType);
  if (json["schemaVersion"] !== 2) {
    throw new OciError("unsupported", `unsupported MediaType: "${mediaType}"`, { reference: digest });
  }
  const subject =
    json["subject"] === undefined ? {} : { subject: readDescriptor(json["subject"], digest, "subject") };
  const artifactType = typeof json["artifactType"] === "string" ? { artifactType: json["artifactType"] } : {};
  const annotations = readAnnotations(json["annotations"]);
  const rest = { ...subject, ...artifactType, ...annotations };
  if (isIndexType(mediaType)) {
    return {
      kind: "index",
      mediaType,
      manifests: readDescriptors(json["manifests"], digest, "manifests"),
      ...rest,
    };
  }
  return {
    kind: "image",
    mediaType,
    config: readDescriptor(json["config"], digest, "config"),
    layers: readDescriptors(json["layers"] ?? [], digest, "layers"),
    ...rest,
  };
}

/** The media type of a manifest: what the registry said, else what the manifest says, else what it looks like. */
export function manifestType(json: Readonly<Record<string, unknown>>, announced: string): string {
  const known = (type: unknown): type is string =>
    typeof type === "string" && (isIndexType(type) || isImageType(type));
  const inside = json["mediaType"];
  if (known(announced)) return announced;
  if (known(inside)) return inside;
  if (Array.isArray(json["manifests"])) return mediaTypes.ociIndex;
  if (typeof json["config"] === "object" && json["schemaVersion"] === 2) return mediaTypes.ociManifest;
  throw new OciError(
    "unsupported",
    `unsupported MediaType: "${typeof inside === "string" ? inside : announced}"`,
  );
}

/** Everything a manifest points to that has to exist before the manifest: child manifests, or configuration and layers. */
export function dependenciesOf(manifest: Manifest): readonly Descriptor[] {
  return manifest.kind === "index" ? manifest.manifests : [manifest.config, ...manifest.layers];
}

/** Parses JSON that has to be an object; `what` names it in the `invalid-content` error. */
export function parseObject(bytes: Uint8Array, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (error) {
    throw new OciError("invalid-content", `${what} is not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new OciError("invalid-content", `${what} is not a JSON object`);
  }
  return value as Record<string, unknown>;
}

function readDescriptors(value: unknown, digest: Digest, field: string): readonly Descriptor[] {
  if (!Array.isArray(value))
    throw new OciError("invalid-content", `manifest ${digest}: ${field} is not a list`);
  return value.map((item, index) => readDescriptor(item, digest, `${field}[${index}]`));
}

/** Checks the parts of a descriptor that code relies on; everything else is kept as it is. */
export function readDescriptor(value: unknown, digest: Digest, field: string): Descriptor {
  const descriptor = value as Partial<Descriptor> | null | undefined;
  if (typeof descriptor !== "object" || descriptor === null) {
    throw new OciError("invalid-content", `manifest ${digest}: ${field} is not a descriptor`);
  }
  if (typeof descriptor.digest !== "string" || !isDigest(descriptor.digest)) {
    throw new OciError("invalid-content", `manifest ${digest}: ${field} has no valid digest`);
  }
  if (!Number.isSafeInteger(descriptor.size) || (descriptor.size ?? -1) < 0) {
    throw new OciError("invalid-content", `manifest ${digest}: ${field} has no valid size`);
  }
  if (typeof descriptor.mediaType !== "string") {
    throw new OciError("invalid-content", `manifest ${digest}: ${field} has no media type`);
  }
  return descriptor as Descriptor;
}

function readAnnotations(value: unknown): { annotations?: Readonly<Record<string, string>> } {
  return typeof value === "object" && value !== null ? { annotations: value as Record<string, string> } : {};
}
