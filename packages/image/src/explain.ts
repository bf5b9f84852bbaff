import { ImageError } from "./errors.ts";
import { matchHost, replaceHost, type HostRule } from "./host-overrides.ts";
import { createPrefixMatcher, isBoundary } from "./prefix-matcher.ts";
import type { PrefixRule } from "./prefix-overrides.ts";
import { formatReference, parseReference } from "./reference.ts";

/** What became of one prefix rule whose `from` the reference starts with. */
export interface RuleOutcome {
  readonly rule: PrefixRule;
  /** Position in the list, from 0. */
  readonly index: number;
  /**
   * `applied`: its text went into the result. `shorter`: a longer `from` won. `later`: the same `from` stands earlier in
   * the list. `off-boundary`: the match ends inside a name and strict boundaries were asked for.
   */
  readonly outcome: "applied" | "shorter" | "later" | "off-boundary";
  /** Whether the match ends where a path segment, tag or digest ends. */
  readonly boundary: boolean;
}

/** Why a reference resolves to what it resolves to, as plain values. */
export interface OverrideExplanation {
  readonly reference: string;
  /** Every prefix rule that matches, longest first. */
  readonly rules: readonly RuleOutcome[];
  /** The text after the prefix override: the package source annotation and the name of lock images. */
  readonly overridden: string;
  /** The host rule that applies to `overridden`. */
  readonly hostRule?: HostRule;
  /** What is asked of the registry, written out in full; absent when it cannot be parsed. */
  readonly pull?: string;
  /** Why there is no `pull`. */
  readonly error?: ImageError;
}

/** The rules to explain. */
export interface ExplainOptions {
  readonly prefix: readonly PrefixRule[];
  readonly hosts?: readonly HostRule[];
  /** As for `createPrefixMatcher`; the operator itself always uses `text`. */
  readonly boundaries?: "text" | "strict";
}

/** Follows one reference through the overrides, naming every rule that had a part in it. */
export function explainOverride(reference: string, options: ExplainOptions): OverrideExplanation {
  const { prefix, hosts = [], boundaries = "text" } = options;
  const matcher = createPrefixMatcher(prefix, { boundaries });
  const applied = matcher.match(reference);
  const overridden = matcher.replace(reference);
  const hostRule = matchHost(overridden, hosts);
  const rules = prefix
    .map((rule, index) => ({ rule, index }))
    .filter(({ rule }) => rule.from !== "" && reference.startsWith(rule.from))
    .map(({ rule, index }): RuleOutcome => {
      const boundary = isBoundary(reference, rule.from.length);
      if (index === applied?.index) return { rule, index, outcome: "applied", boundary };
      if (boundaries === "strict" && !boundary) {
        return { rule, index, outcome: "off-boundary", boundary };
      }
      const outcome = rule.from === applied?.rule.from ? "later" : "shorter";
      return { rule, index, outcome, boundary };
    })
    .toSorted((a, b) => b.rule.from.length - a.rule.from.length || a.index - b.index);
  return {
    reference,
    rules,
    overridden,
    ...(hostRule !== undefined && { hostRule }),
    ...pulled(overridden, hosts),
  };
}

function pulled(overridden: string, hosts: readonly HostRule[]): Pick<OverrideExplanation, "pull" | "error"> {
  try {
    return { pull: formatReference(parseReference(replaceHost(overridden, hosts))) };
  } catch (error) {
    if (error instanceof ImageError) return { error };
    throw error;
  }
}
