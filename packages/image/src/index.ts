export { ImageError, type ImageErrorCode } from "./errors.ts";
export {
  matchHost,
  parseHostOverrides,
  replaceHost,
  replaceRegistry,
  type HostRule,
} from "./host-overrides.ts";
export {
  createPrefixMatcher,
  type PrefixMatch,
  type PrefixMatcher,
  type PrefixMatcherOptions,
} from "./prefix-matcher.ts";
export {
  formatPrefixOverrides,
  mergePrefixRules,
  parsePrefixOverrides,
  type DroppedEntry,
  type MergedPrefixRules,
  type ParsePrefixOverridesOptions,
  type PrefixOverrides,
  type PrefixRule,
} from "./prefix-overrides.ts";
export {
  formatReference,
  formatRepository,
  isDigest,
  parseReference,
  referenceBelow,
  withDigest,
  type ImageReference,
  type ParseReferenceOptions,
} from "./reference.ts";
export { dockerHub, parseRegistry, registryScheme } from "./registry.ts";
export { resolveLockedImage, resolvePullReference, type Overrides } from "./resolve.ts";
export {
  explainOverride,
  type ExplainOptions,
  type OverrideExplanation,
  type RuleOutcome,
} from "./explain.ts";
export { lintOverrides, type LintInput } from "./lint.ts";
export type { LintCode, LintFinding } from "./lint-finding.ts";
