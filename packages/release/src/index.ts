export {
  assemblePackage,
  lockPackage,
  type AssembleOptions,
  releaseReference,
  type ReleaseNames,
} from "./assemble-package.ts";
export { type BaseImage, caBundlePath, createNodeBase, type NodeBaseOptions, userId } from "./base-image.ts";
export { pullBases, type PulledBasesOptions } from "./pulled-base.ts";
export { type PlatformImage } from "./platform-images.ts";
export { releaseBootstrapManifest } from "./bootstrap-manifest.ts";
export { ReleaseError, type ReleaseErrorCode } from "./errors.ts";
export { buildProgramImage, processLabel, programNames } from "./program-image.ts";
export {
  buildRelease,
  type BuildReleaseOptions,
  type Release,
  type ReleaseImage,
  writeRelease,
} from "./release.ts";
