export {
  apiGroup,
  apiVersion,
  kindInScope,
  kinds,
  type Kind,
  type KindName,
  type ObjectTypes,
  type Scope,
} from "./kinds.ts";
export {
  annotations,
  cacheLabelValue,
  conditionTypes,
  environmentVariables,
  fieldManagers,
  finalizers,
  installation,
  labels,
  leaseNames,
  legacyFieldManagers,
  manifestAnnotations,
  phaseClasses,
} from "./names.ts";
export type * from "./object.ts";
export type * from "./types.generated.ts";
export {
  findCondition,
  inheritedConditions,
  isConditionTrue,
  isMappedCondition,
  isValidReason,
  maxMessageLength,
  mergeMappedConditions,
  type NewCondition,
  removeCondition,
  setCondition,
} from "./conditions.ts";
export {
  hashText,
  longHash,
  type PackageHashOptions,
  packageSpecHash,
  prefixOverridesHash,
  shortHash,
  sliceHash,
  templateHash,
  unpackedHash,
} from "./hash.ts";
