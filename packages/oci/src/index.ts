export { spawnHelper, type HelperResult, type RunHelper } from "./auth/credential-helper.ts";
export { defaultKeychain, type DefaultKeychainOptions } from "./auth/default-keychain.ts";
export { dockerConfigKeychain, parseDockerConfig } from "./auth/docker-config.ts";
export { firstKeychain, staticKeychain, type Credentials, type Keychain } from "./auth/keychain.ts";
export { pullSecretKeychain, type PullSecret } from "./auth/pull-secret.ts";
export { createRegistryClient, type RegistryClient } from "./client/client.ts";
export type { ClientEvent, ClientTiming, RegistryClientOptions } from "./client/client-options.ts";
export { decompress } from "./compression.ts";
export {
  readBlob,
  type BlobOptions,
  type BlobOutcome,
  type ContentOptions,
  type ContentSource,
  type ContentTarget,
  type OpenBlob,
  type ReferrersOptions,
  type UploadSessions,
  type WriteBlobOptions,
  type WriteManifestOptions,
} from "./content.ts";
export { isStored } from "./copy/copy-blob.ts";
export { copyImage } from "./copy/copy-image.ts";
export type { CopyEvent, CopyOptions, CopyResult } from "./copy/copy-options.ts";
export { createCopyRun, type CopyRun } from "./copy/copy-run.ts";
export { digestOf, isDigest, verifyStream, type Digest } from "./digest.ts";
export { isOciError, OciError, withContext, type OciErrorCode, type RegistryErrorEntry } from "./errors.ts";
export {
  buildImage,
  buildIndex,
  writeImage,
  type BuiltImage,
  type ImageLayer,
  type ImageSpec,
} from "./image.ts";
export { createLayer, type Blob, type CreateLayerOptions, type Layer } from "./layer.ts";
export { createLayoutArchive, type LayoutArchiveWriter } from "./layout/archive-writer.ts";
export {
  openLayout,
  openLayoutArchive,
  type Layout,
  type LayoutArchive,
  type LayoutEntry,
} from "./layout/layout.ts";
export {
  dependenciesOf,
  parseManifest,
  type Descriptor,
  type ImageConfig,
  type ImageManifest,
  type IndexManifest,
  type Manifest,
  type ManifestContent,
  type Platform,
} from "./manifest.ts";
export { isImageType, isIndexType, mediaTypes } from "./media-types.ts";
export { htpasswdAccounts, staticAccounts } from "./server/htpasswd.ts";
export { createRegistryServer } from "./server/server.ts";
export type {
  ListeningServer,
  RegistryRequestLog,
  RegistryServer,
  RegistryServerAuth,
  RegistryServerOptions,
  ServerAccounts,
} from "./server/server-options.ts";
export { collectGarbage } from "./storage/collect-garbage.ts";
export { diskStorage } from "./storage/disk-storage.ts";
export { layoutStorage } from "./storage/layout-storage.ts";
export { memoryStorage } from "./storage/memory-storage.ts";
export type { RegistryStorage } from "./storage/registry-storage.ts";
export { memoryContent, storageContent } from "./storage/storage-content.ts";
export { readLayer } from "./read-layer.ts";
export type { TarHeader } from "./tar/header.ts";
export { readTar, type TarEntry } from "./tar/reader.ts";
export { safeTarPath } from "./tar/safe-path.ts";
export { writeTar, type TarInput } from "./tar/writer.ts";
