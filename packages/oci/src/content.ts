import type { Digest } from "./digest.ts";
import { verifyDigester, createDigester } from "./digest.ts";
import { OciError } from "./errors.ts";
import type { Descriptor, ManifestContent } from "./manifest.ts";

/** Options of every call that does I/O. */
export interface ContentOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link ContentSource.blob}. */
export interface BlobOptions extends ContentOptions {
  /** First byte wanted. Default: 0. The digest is checked only when all bytes are read. */
  readonly offset?: number | undefined;
  /** The caller computes the digest itself, so it need not be done twice. Default: false. */
  readonly isUnverified?: boolean | undefined;
}

/** Whether a source has to check the digest of what it streams. */
export function mustVerify(options: BlobOptions): boolean {
  return options.isUnverified !== true && (options.offset ?? 0) === 0;
}

/** Options of {@link ContentSource.referrers}. */
export interface ReferrersOptions extends ContentOptions {
  readonly artifactType?: string | undefined;
}

/**
 * One repository to read images from: at a registry, in an OCI layout (folder or tar), or in memory.
 * References are tags or digests; layouts without repository names take any text as a tag.
 */
export interface ContentSource {
  /** How messages call it, e.g. `quay.io/team/app`. */
  readonly name: string;
  /** Where its blobs live: repositories with the same store can share blobs without sending them, e.g. the registry's host. */
  readonly store: string;
  /** The repository within the store. */
  readonly repository: string;
  /** Looks a tag or digest up without reading the manifest if the source can; undefined when it is not there. */
  resolve(reference: string, options?: ContentOptions): Promise<Descriptor | undefined>;
  /** Reads a manifest and verifies its digest. Throws `not-found`. */
  manifest(reference: string, options?: ContentOptions): Promise<ManifestContent>;
  hasBlob(descriptor: Descriptor, options?: ContentOptions): Promise<boolean>;
  /** Streams a blob and verifies size and digest; errors come while iterating. */
  blob(descriptor: Descriptor, options?: BlobOptions): AsyncIterable<Uint8Array>;
  /** All tags in byte order. */
  tags(options?: ContentOptions): Promise<readonly string[]>;
  /** Manifests whose subject is the given digest; empty when there are none. */
  referrers(digest: Digest, options?: ReferrersOptions): Promise<readonly Descriptor[]>;
}

/** Opens the content of a blob at an offset; called again when a transfer has to be repeated or continued. */
export type OpenBlob = (offset: number) => AsyncIterable<Uint8Array>;

/** Remembers where interrupted uploads can be continued, so that another process can do so. */
export interface UploadSessions {
  get(target: string, digest: Digest): Promise<string | undefined>;
  /** Keeps the address of an upload, or forgets it when undefined. */
  set(target: string, digest: Digest, location: string | undefined): Promise<void>;
}

/** Options of {@link ContentTarget.writeBlob}. */
export interface WriteBlobOptions extends ContentOptions {
  /** Repository of the same store that has the blob; the target may link it instead of reading the content. */
  readonly mountFrom?: string | undefined;
  readonly sessions?: UploadSessions | undefined;
  /** Called with the bytes that reached the target since the last call; negative when they have to be sent again. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

/** Options of {@link ContentTarget.writeManifest}. */
export interface WriteManifestOptions extends ContentOptions {
  /** The manifest is what was asked for and not a part of it: layouts list it even when it has no tag. Default: false. */
  readonly isRoot?: boolean | undefined;
}

/** How a blob came to the target. */
export type BlobOutcome = "present" | "mounted" | "written";

/** One repository to write images to. Writes are idempotent; what they wrote is complete when they return. */
export interface ContentTarget extends ContentSource {
  /** Stores a blob after verifying it. Does not look whether it is there already, except that a mount may find it. */
  writeBlob(descriptor: Descriptor, open: OpenBlob, options?: WriteBlobOptions): Promise<BlobOutcome>;
  /**
   * Stores a manifest, byte for byte, under a tag or under its digest. A target may refuse a manifest whose parts are
   * missing (`rejected`).
   */
  writeManifest(reference: string, content: ManifestContent, options?: WriteManifestOptions): Promise<void>;
  /** Removes a tag, or a manifest by its digest. Throws `unsupported` where the target cannot. */
  deleteManifest(reference: string, options?: ContentOptions): Promise<void>;
}

/** Content that ends with the signal's reason as soon as the signal is aborted and the next chunk is due. */
export async function* abortable(
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of content) {
    signal?.throwIfAborted();
    yield chunk;
  }
}

/** Most bytes that are read into memory at once unless told otherwise: far above any manifest or configuration. */
export const defaultMaxBytes: number = 16 * 1024 * 1024;

/** Reads a whole blob into memory; throws `too-large` before reading one that is larger than `maxBytes` (default 16 MiB). */
export async function readBlob(
  source: ContentSource,
  descriptor: Descriptor,
  options: ContentOptions & { readonly maxBytes?: number } = {},
): Promise<Uint8Array> {
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  if (descriptor.size > maxBytes) {
    const message = `${source.name}: blob ${descriptor.digest} has ${descriptor.size} bytes, at most ${maxBytes} are allowed`;
    throw new OciError("too-large", message, { reference: descriptor.digest });
  }
  const chunks: Uint8Array[] = [];
  const digester = createDigester(descriptor.digest);
  for await (const chunk of source.blob(descriptor, { signal: options.signal })) {
    digester.update(chunk);
    chunks.push(chunk);
  }
  verifyDigester(digester, descriptor, `${source.name}: blob ${descriptor.digest}`);
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
