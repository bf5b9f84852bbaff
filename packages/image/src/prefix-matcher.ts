import type { PrefixRule } from "./prefix-overrides.ts";
import { buildTrie, findLongest } from "./prefix-trie.ts";

/** A rule that applies to a reference, and where it stands in the list. */
export interface PrefixMatch {
  readonly rule: PrefixRule;
  readonly index: number;
}

/** Applies a list of rules; its cost per reference does not depend on how many rules there are. */
export interface PrefixMatcher {
  readonly rules: readonly PrefixRule[];
  /** The rule with the longest `from` that the reference starts with; of equally long ones the first in the list. */
  match(reference: string): PrefixMatch | undefined;
  /** The reference with the matching `from` replaced once, or unchanged. It is neither parsed nor normalised. */
  replace(reference: string): string;
}

/** How `createPrefixMatcher` compares. */
export interface PrefixMatcherOptions {
  /**
   * `text` (default) is the operator's own rule: any text prefix counts. `strict` lets a rule apply only where a path
   * segment, tag or digest ends, so `quay.io/foo` leaves `quay.io/foobar` alone.
   */
  readonly boundaries?: "text" | "strict";
}

/** Prepares a list of rules for matching. A rule with an empty `from` never applies. */
export function createPrefixMatcher(
  rules: readonly PrefixRule[],
  options: PrefixMatcherOptions = {},
): PrefixMatcher {
  const trie = buildTrie(rules.map((rule) => rule.from));
  const accept = options.boundaries === "strict" ? isBoundary : undefined;
  const match = (reference: string): PrefixMatch | undefined => {
    const { index } = findLongest(trie, reference, accept);
    const rule = index === undefined ? undefined : rules[index];
    return index === undefined || rule === undefined ? undefined : { rule, index };
  };
  return {
    rules,
    match,
    replace: (reference) => {
      const found = match(reference);
      return found === undefined ? reference : found.rule.to + reference.slice(found.rule.from.length);
    },
  };
}

/** Whether a name ends in the reference at this position; behind a host alone, a colon begins its port. */
export function isBoundary(reference: string, position: number): boolean {
  const next = reference.charAt(position);
  const isPort = next === ":" && !reference.slice(0, position).includes("/");
  const ends = "/:@";
  return next === "" || ends.includes(reference.charAt(position - 1)) || (ends.includes(next) && !isPort);
}
