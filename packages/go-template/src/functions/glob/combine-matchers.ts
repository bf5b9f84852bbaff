import type { Budget } from "../../limits.ts";
import { type ByteString, decodeRune, runeCount } from "../../text/byte-string.ts";
import type { Found, Matcher, Tree } from "./matcher.ts";

/** What every one of the matchers matches. */
export function everyMatcher(matchers: readonly Matcher[]): Matcher {
  return {
    kind: "other",
    length: undefined,
    matches: (input, budget) => matchers.every((matcher) => matcher.matches(input, budget)),
    find: (input, budget) => {
      let current: Found = { at: 0, lengths: [] };
      let rest = input;
      let offset = 0;
      for (const [index, matcher] of matchers.entries()) {
        const next = matcher.find(rest, budget);
        if (next === undefined) return undefined;
        const at = next.at + offset;
        const shift = current.at - at;
        const both = next.lengths.filter((length) => current.lengths.includes(length - shift));
        if (index > 0 && both.length === 0) return undefined;
        current = { at, lengths: index === 0 ? next.lengths : both };
        rest = input.slice(at);
        offset += next.at;
      }
      return current;
    },
  };
}

/** What at least one of the matchers matches. */
export function eitherMatcher(matchers: readonly Matcher[]): Matcher {
  return {
    kind: "either",
    length: lengthOfEither(matchers),
    matches: (input, budget) => matchers.some((matcher) => matcher.matches(input, budget)),
    find: (input, budget) => {
      const all = matchers.map((matcher) => matcher.find(input, budget)).filter((one) => one !== undefined);
      if (all.length === 0) return undefined;
      const at = Math.min(...all.map((one) => one.at));
      const lengths = new Set(all.filter((one) => one.at === at).flatMap((one) => one.lengths));
      return { at, lengths: Array.from(lengths).toSorted((a, b) => a - b) };
    },
  };
}

/** Go forgets that a branch had no length when the next one has: `{*.txt,a}` counts as one character. */
function lengthOfEither(matchers: readonly Matcher[]): number | undefined {
  let length: number | undefined;
  for (const matcher of matchers) {
    if (length === undefined) length = matcher.length;
    else if (length !== matcher.length) return undefined;
  }
  return length;
}

/** Parts of known length side by side. */
export function rowMatcher(matchers: readonly Matcher[]): Matcher {
  const length = matchers.reduce((sum, matcher) => sum + (matcher.length ?? 0), 0);
  return {
    kind: "other",
    length,
    matches: (input, budget) => runeCount(input) === length && matchRow(matchers, input, budget),
    find: (input, budget) => {
      for (let at = 0; at < input.length && at + length <= input.length; at += decodeRune(input, at).size) {
        if (matchRow(matchers, input.slice(at), budget)) return { at, lengths: [length] };
      }
      return undefined;
    },
  };
}

/** Go cuts each part off behind the first byte of its last character, so that only ASCII matches there. */
function matchRow(matchers: readonly Matcher[], input: ByteString, budget: Budget): boolean {
  budget.spend(20 * matchers.length);
  let rest = input;
  for (const matcher of matchers) {
    const { length = 0 } = matcher;
    let last = 0;
    let count = 0;
    for (let at = 0; at < rest.length; at += decodeRune(rest, at).size) {
      last = at;
      if (++count === length) break;
    }
    if (count < length || !matcher.matches(rest.slice(0, last + 1), budget)) return false;
    rest = rest.slice(last + 1);
  }
  return true;
}

/** A tree within a tree is never found, as in Go. */
export function treeMatcher(tree: Tree): Matcher {
  const { value, left, right } = tree;
  const before = left === undefined ? 0 : left.length;
  const behind = right === undefined ? 0 : right.length;
  return {
    kind: "tree",
    // One of the parts has none, or they would be a row.
    length: undefined,
    tree,
    matches: (input, budget) => {
      const limit = input.length - (behind ?? 0);
      for (let offset = before ?? 0; offset < limit;) {
        const middle = value.find(input.slice(offset, limit), budget);
        if (middle === undefined) return false;
        const at = offset + middle.at;
        const head = input.slice(0, at);
        budget.spend(20 + head.length + middle.lengths.length);
        if (left === undefined ? head === "" : left.matches(head, budget)) {
          for (const size of middle.lengths.toReversed()) {
            const tail = input.slice(at + size);
            if (right === undefined ? tail === "" : right.matches(tail, budget)) return true;
          }
        }
        offset = at + decodeRune(input, at).size;
      }
      return false;
    },
    find: () => undefined,
  };
}
