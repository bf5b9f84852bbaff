export { applyPlan, type AppliedEntry, type ApplyPlanOptions } from "./apply.ts";
export {
  archiveRoots,
  openArchive,
  openServableArchive,
  writeArchive,
  type ArchivedManifest,
  type MirrorArchive,
  type ServableArchive,
  type WriteArchiveOptions,
} from "./archive.ts";
export { bootstrapRequests } from "./bootstrap-job.ts";
export { checkMirror, type CheckedImage, type CheckOptions } from "./check-mirror.ts";
export { checkUses, type CheckUsesOptions } from "./check-uses.ts";
export {
  computeClosure,
  type Closure,
  type ClosureImage,
  type ClosureOptions,
  type ClosureReason,
  type ClosureRoots,
  type ImageRequest,
  type OpenSource,
} from "./closure.ts";
export {
  collectClusterImages,
  type ClusterImages,
  type CollectOptions,
  type ImageUse,
} from "./cluster-images.ts";
export { type ImageLeak } from "./leaks.ts";
export { toContainerdHosts, toRegistriesConf, type HostsFile } from "./export/node-config.ts";
export { toOpenShiftMirrorSets, type NodeExportOptions } from "./export/openshift.ts";
export { toAdmissionPolicy, toKyvernoPolicy } from "./export/policy.ts";
export { MirrorError, type MirrorErrorCode } from "./errors.ts";
export { openJournal, type MirrorJournal } from "./journal.ts";
export { formatMirrorLock, lockOf, parseMirrorLock, type LockedImage, type MirrorLock } from "./lock.ts";
export { formatMirrorPlan, parseMirrorPlan } from "./plan-file.ts";
export { selectPlatforms, type PlatformSubset, type SelectPlatformsOptions } from "./platform-subset.ts";
export { type PackageFiles } from "./package-images.ts";
export { type Destination, type TargetLimits } from "./destinations.ts";
export {
  planArchive,
  planMirror,
  type MirrorPlan,
  type OpenTarget,
  type PlanAction,
  type PlanEntry,
  type PlanOptions,
} from "./plan.ts";
export { lockedUses, preflightManifest, type PreflightResult } from "./preflight.ts";
export { createPullSecrets, operatorIdentity, pullIdentity, type PullIdentity } from "./pull-secrets.ts";
export { readSource, type ReadSourceOptions } from "./read-source.ts";
export { rewriteManifest, type ManifestChange, type RewrittenManifest } from "./rewrite.ts";
export { suggestRules } from "./suggest.ts";
export {
  verifyImageUses,
  type Finding,
  type FindingCode,
  type VerifiedUse,
  type VerifyOptions,
} from "./verify-cluster.ts";
