import { parseHostOverrides } from "./host-overrides.ts";
import { lintEntries } from "./lint-entries.ts";
import type { LintContext, LintFinding } from "./lint-finding.ts";
import { lintHostRules } from "./lint-host-rules.ts";
import { lintPrefixRules } from "./lint-prefix-rules.ts";
import { lintRuleSet } from "./lint-rule-set.ts";
import { createPrefixMatcher } from "./prefix-matcher.ts";
import { parsePrefixOverrides } from "./prefix-overrides.ts";

/** The override values to check. */
export interface LintInput {
  /** Value of `-image-prefix-overrides`. */
  readonly prefix: string;
  /** Value of `-registry-host-overrides`. */
  readonly hosts?: string;
  /** Every reference the rules are meant for; without it the checks make up plausible ones. */
  readonly references?: readonly string[];
}

/** Looks for mistakes in override values; an empty list means that the rules do what they seem to do. */
export function lintOverrides(input: LintInput): LintFinding[] {
  const hosts = input.hosts ?? "";
  const context: LintContext = {
    prefix: createPrefixMatcher(parsePrefixOverrides(input.prefix).rules),
    hosts: parseHostOverrides(hosts),
    references: input.references,
  };
  return [
    ...lintEntries(input.prefix, "prefix"),
    ...lintEntries(hosts, "host"),
    ...lintPrefixRules(context),
    ...lintHostRules(context),
    ...lintRuleSet(context),
  ];
}
