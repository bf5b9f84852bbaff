export type { Adoption, CollisionProtection } from "./adoption.ts";
export { decideAdoption, revisionOf } from "./adoption.ts";
export type { Cluster, RolloutOptions } from "./cluster.ts";
export { type ConditionMapping, mapConditions, type MappedCondition } from "./condition-mapping.ts";
export { desiredObject } from "./desired-object.ts";
export { findDuplicates, type NamedPhase } from "./duplicates.ts";
export { RolloutError, type RolloutErrorCode } from "./errors.ts";
export { migrateFieldManagers } from "./field-migration.ts";
export {
  formatObject,
  formatQualifiedObject,
  identityKey,
  identityOf,
  type ObjectIdentity,
} from "./identity.ts";
export { jsonEqual } from "./json-equal.ts";
export { isApplied } from "./managed-fields.ts";
export {
  annotationOwnership,
  controllerOf,
  controllerReference,
  formatOwners,
  isController,
  isOwner,
  isSameOwner,
  nativeOwnership,
  type Owner,
  type OwnerEntry,
  type Ownership,
} from "./owner.ts";
export type { Phase, PhaseObject } from "./phase-plan.ts";
export { reconcilePhase, type ReconcileOptions } from "./phase.ts";
export { checkManifest, resolveKind } from "./preflight.ts";
export { formatPhaseReport } from "./report.ts";
export {
  collisionMessage,
  isComplete,
  isInTransition,
  type ObjectAction,
  type ObjectResult,
  type PhaseResult,
  probeFailures,
} from "./result.ts";
export type { Revision } from "./revision-context.ts";
export {
  outcomeOf,
  type PhaseOutcome,
  reconcileRevision,
  type RevisionResult,
  teardownRevision,
} from "./revision.ts";
export { teardownPhase, type TeardownResult } from "./teardown.ts";
export { formatPhaseViolations, formatViolations, type Violation } from "./violation.ts";
