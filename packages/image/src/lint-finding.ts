import type { HostRule } from "./host-overrides.ts";
import type { PrefixMatcher } from "./prefix-matcher.ts";
import type { PrefixRule } from "./prefix-overrides.ts";

/** What is wrong with a rule. */
export type LintCode =
  | "malformed-entry"
  | "blank-entry"
  | "surrounding-space"
  | "duplicate"
  | "contradiction"
  | "empty-from"
  | "shadowed"
  | "off-boundary"
  | "slash-mismatch"
  | "no-registry"
  | "not-idempotent"
  | "docker-hub-spelling"
  | "invalid-result"
  | "shared-target"
  | "host-and-prefix"
  | "unused";

/** One thing about an override value that its author should look at. */
export interface LintFinding {
  readonly code: LintCode;
  /** `error`: the rule cannot do what it says. `warning`: it does more, less or other than it seems to. */
  readonly severity: "error" | "warning";
  /** Which of the two overrides the rule belongs to. */
  readonly option: "prefix" | "host";
  /** The rule as `from=to`, or the element as written where it is no rule. */
  readonly rule: string;
  /** A reference that shows the effect, and what becomes of it. */
  readonly example?: { readonly reference: string; readonly result: string };
  readonly message: string;
}

/** What the checks look at. */
export interface LintContext {
  readonly prefix: PrefixMatcher;
  readonly hosts: readonly HostRule[];
  /** References that the rules are meant for; undefined when they are not known. */
  readonly references: readonly string[] | undefined;
}

/** Writes a rule the way its author did. */
export function ruleText(rule: PrefixRule | HostRule): string {
  return `${rule.from}=${rule.to}`;
}
