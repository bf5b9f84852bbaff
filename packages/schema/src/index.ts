export { SchemaError, type SchemaErrorCode } from "./errors.ts";
export { isJsonObject, type JsonObject, type JsonValue } from "./json-value.ts";
export {
  duplicate,
  fieldErrorBody,
  forbidden,
  formatFieldError,
  formatFieldErrors,
  invalid,
  notSupported,
  required,
  statusCauses,
  tooLong,
  tooMany,
  type FieldError,
  type FieldErrorType,
  type StatusCause,
} from "./field-error.ts";
export {
  isConfigMapKey,
  isDns1035Label,
  isDns1123Label,
  isDns1123Subdomain,
  isLabelValue,
  isQualifiedName,
} from "./names.ts";
export {
  validateAnnotations,
  validateLabels,
  validateObjectMeta,
  type ObjectMetaOptions,
} from "./metadata.ts";
export {
  createRequirement,
  everything,
  formatSelector,
  isEmptySelector,
  matchesSelector,
  nothing,
  selectorFromObject,
  validateLabelSelector,
  type LabelSelector,
  type LabelSelectorRequirement,
  type Selector,
  type SelectorOperator,
  type SelectorRequirement,
} from "./label-selector.ts";
export { parseLabelSelector } from "./selector-text.ts";
export type { JsonSchema, ValidationRule } from "./json-schema.ts";
export { admitObject } from "./admit.ts";
export { defaultObject, pruneNulls, pruneObject, type PruneOptions } from "./prune.ts";
export { validateObject, type ValidateOptions } from "./validate-value.ts";
export { validateStructural } from "./structural.ts";
export {
  createConditionEnvironment,
  type ConditionEnvironment,
  type NamedCondition,
} from "./condition-environment.ts";
export { compileProbeRule, type Prober, type ProbeResult, type ProbeStatus } from "./probe-rule.ts";
export { compileProbes, type AvailabilityProbe, type Probe } from "./probes.ts";
export {
  compareVersions,
  formatVersion,
  parseVersion,
  type SemverOptions,
  type SemverReading,
  type Version,
} from "./semver-version.ts";
export { parseConstraint, satisfies, type Constraint } from "./semver-constraint.ts";
export { containsConstraint } from "./semver-contains.ts";
export {
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityMilliValue,
  quantityValue,
  type Quantity,
  type QuantityFormat,
} from "./quantity.ts";
export { findJsonPath } from "./json-path.ts";
export { copySourceItems, type SourceItem } from "./source-items.ts";
export { compileRules, type RuleOptions, type SchemaRules } from "./schema-rules.ts";
export { validateListTypes } from "./list-types.ts";
export { coerceEmbedded, coerceObjectMeta, validateEmbedded } from "./embedded-resource.ts";
export { objectMetaSchema } from "./object-meta-schema.ts";
