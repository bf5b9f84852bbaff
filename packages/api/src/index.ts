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
