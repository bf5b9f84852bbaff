import type { Digest } from "../digest.ts";
import type { Descriptor, ManifestContent } from "../manifest.ts";

/** An upload that is under way. */
export interface StorageUpload {
  readonly id: string;
  /** Bytes received so far. */
  size(): Promise<number>;
  /**
   * Adds content at the end. What arrived before an error stays, so that the client can continue after it.
   * One call at a time; the server refuses a second one.
   */
  append(content: AsyncIterable<Uint8Array>): Promise<void>;
  /** Verifies the content and makes it a blob of the repository; throws `digest-mismatch` and drops it otherwise. */
  commit(digest: Digest): Promise<void>;
  cancel(): Promise<void>;
}

/** A part of a blob; both ends are included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** One repository of a registry. Blobs belong to a repository: others cannot read them before they are mounted. */
export interface StorageRepository {
  /** Size of a blob, undefined when the repository does not have it. */
  blobSize(digest: Digest): Promise<number | undefined>;
  /** Like `blobSize`, for what is about to be pointed to: keeps the blob from garbage collection for its grace period. */
  claimBlob(digest: Digest): Promise<number | undefined>;
  /** Streams a blob; throws `not-found`. */
  readBlob(digest: Digest, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** False when there was none. */
  deleteBlob(digest: Digest): Promise<boolean>;
  /** Makes a blob of another repository also one of this; false when the other does not have it. */
  mountBlob(digest: Digest, from: string): Promise<boolean>;
  startUpload(): Promise<StorageUpload>;
  /** An upload started earlier, also by an earlier process where the storage outlives it. */
  findUpload(id: string): Promise<StorageUpload | undefined>;
  /** By tag or digest. */
  readManifest(reference: string): Promise<ManifestContent | undefined>;
  /** Like `readManifest`, for what somebody asks for or points to: keeps it from garbage collection for its grace period. */
  claimManifest(reference: string): Promise<ManifestContent | undefined>;
  /** Stores a manifest under its digest, notes its subject for `referrers`, and sets tags. */
  writeManifest(content: ManifestContent, tags?: readonly string[]): Promise<void>;
  /** Removes a tag, or a manifest with all its tags; false when there was none. */
  deleteManifest(reference: string): Promise<boolean>;
  /** In byte order; undefined when nothing was ever pushed to the repository. */
  tags(): Promise<readonly string[] | undefined>;
  /** Descriptors, with `artifactType` and `annotations`, of the manifests that have this subject. */
  referrers(subject: Digest): Promise<readonly Descriptor[]>;
}

/** Where a registry server keeps its content. */
export interface RegistryStorage {
  /** Writes are refused before they reach the storage. */
  readonly readOnly: boolean;
  /** Names of all repositories in byte order. */
  repositories(): Promise<readonly string[]>;
  repository(name: string): StorageRepository;
}
