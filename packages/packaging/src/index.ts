export { writeDockerArchive } from "./archive/docker-archive.ts";
export { importArchive } from "./archive/import-archive.ts";
export { checkLockedDigests, type DigestLookup } from "./check-locked-digests.ts";
export { parseConditionMap, type ConditionMapping } from "./condition-map.ts";
export { admitConfig, requireConfig, type AdmittedConfiguration } from "./configuration.ts";
export { unmetConstraints, type ConstraintContext } from "./constraints.ts";
export { decodeEnvironment, decodeLock, decodeManifest } from "./decode-manifest.ts";
export {
  formatViolation,
  PackageError,
  type PackageErrorCode,
  type Violation,
  type ViolationReason,
} from "./errors.ts";
export { importFolder } from "./import-folder.ts";
export { findImage, type FoundImage } from "./image-files.ts";
export { importImage, type ImportImageOptions } from "./import-image.ts";
export { kickstartPackage, type KickstartedPackage } from "./kickstart/kickstart.ts";
export { convertOlmBundle, importOlmBundle, type OlmBundle } from "./kickstart/olm-bundle.ts";
export { type Parameter, parameters, parseParameters } from "./kickstart/parameter.ts";
export { readSourceObjects } from "./kickstart/source-object.ts";
export { lintPackage, type LintWarning, type LintWarningCode } from "./lint/lint-package.ts";
export { loadComponent, loadPackage } from "./load-package.ts";
export { formatLock, updateLock, type UpdateLockOptions } from "./lock.ts";
export { lockedImages, placeholderImages, type ImageMaps } from "./locked-images.ts";
export type {
  Environment,
  HostedClusterContext,
  LockDependency,
  LockImage,
  ManifestConstraint,
  Package,
  PackageContext,
  PackageManifest,
  PackageManifestLock,
  TemplateTestContext,
} from "./manifest.ts";
export { buildPackageImage } from "./package-image.ts";
export { parseObjects, type ObjectLabels, type PackageObject } from "./parse-objects.ts";
export { filterObjects, type FilteredObjects } from "./filter-objects.ts";
export { componentsFolder, type PackageFiles, type RawPackage, staticImage } from "./raw-package.ts";
export { contextJson, type RenderContext } from "./render-context.ts";
export { renderDetails, type Rendering, renderPackage } from "./render-package.ts";
export { renderTemplates } from "./render-templates.ts";
export { runTemplateTests, type TemplateTestOptions, type TemplateTestResult } from "./template-tests.ts";
export { fetchSchema, type FetchSchema } from "./kubeconform/fetch-schema.ts";
export { addEntry, removeEntry, type Repository, type RepositoryEntry } from "./repository/repository.ts";
export { decodeRepository, formatRepository } from "./repository/repository-file.ts";
export { buildRepositoryImage, importRepositoryImage } from "./repository/repository-image.ts";
export { solveDependencies } from "./solve/solve-dependencies.ts";
export {
  objectSetTemplateSpec,
  type ObjectSetTemplateSpec,
  type TemplateObject,
  type TemplatePhase,
} from "./template-spec.ts";
export { unifiedDiff, type DiffNames } from "./unified-diff.ts";
export { manifestFieldErrors } from "./validate-manifest.ts";
export { validateObjects } from "./validate-objects.ts";
export { validatePackage, type PackageScope } from "./validate-package.ts";
