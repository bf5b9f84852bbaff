export { SchemaError, type SchemaErrorCode } from "./errors.ts";
export { isJsonObject, type JsonObject, type JsonValue } from "./json-value.ts";

export type { FieldError, FieldErrorType, StatusCause } from "./field-error.ts";
export { duplicate, forbidden, invalid, notSupported, required } from "./field-error.ts";
export { formatFieldError, formatFieldErrors, statusCauses } from "./field-error.ts";

export { isConfigMapKey, isDns1035Label, isDns1123Label, isDns1123Subdomain } from "./names.ts";
export { isLabelValue, isQualifiedName } from "./names.ts";
export {
  type ObjectMetaOptions,
  validateAnnotations,
  validateLabels,
  validateObjectMeta,
} from "./metadata.ts";

export type { LabelSelector, LabelSelectorRequirement, Selector } from "./label-selector.ts";
export { formatSelector, isEmptySelector, matchesSelector } from "./label-selector.ts";
export { selectorFromObject, validateLabelSelector } from "./label-selector.ts";
export { parseLabelSelector } from "./selector-text.ts";

export type { JsonSchema, ValidationRule } from "./json-schema.ts";
export { validateStructural } from "./structural.ts";
export { defaultObject, pruneNulls, pruneObject, type PruneOptions } from "./prune.ts";
export { validateObject, type ValidateOptions } from "./validate-value.ts";
export { admitObject } from "./admit.ts";
export { type CustomResourceOptions, validateCustomResource } from "./custom-resource.ts";
export { validateListTypes } from "./list-types.ts";
export { coerceEmbedded, coerceObjectMeta, validateEmbedded } from "./embedded-resource.ts";
export { compileRules, type RuleOptions, type SchemaRules } from "./schema-rules.ts";

export { type ConditionEnvironment, createConditionEnvironment } from "./condition-environment.ts";
export type { NamedCondition } from "./condition-environment.ts";
export { compileProbeRule, type Prober, type ProbeResult, type ProbeStatus } from "./probe-rule.ts";
export { type AvailabilityProbe, compileProbes, type Probe } from "./probes.ts";

export { compareVersions, formatVersion, parseVersion, type Version } from "./semver-version.ts";
export type { SemverOptions, SemverReading } from "./semver-version.ts";
export { type Constraint, parseConstraint, satisfies } from "./semver-constraint.ts";
export { containsConstraint } from "./semver-contains.ts";

export { compareQuantities, formatQuantity, parseQuantity, type Quantity } from "./quantity.ts";
export { type QuantityFormat, quantityMilliValue, quantityValue } from "./quantity.ts";

export { findJsonPath } from "./json-path.ts";
export { copySourceItems, type SourceItem } from "./source-items.ts";
