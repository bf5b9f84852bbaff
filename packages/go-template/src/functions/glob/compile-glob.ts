import type { Budget } from "../../limits.ts";
import { type ByteString, runeCount } from "../../text/byte-string.ts";
import { eitherMatcher, everyMatcher, rowMatcher, treeMatcher } from "./combine-matchers.ts";
import {
  anyMatcher,
  containsMatcher,
  listMatcher,
  type Matcher,
  maximumMatcher,
  minimumMatcher,
  nothingMatcher,
  prefixMatcher,
  prefixSuffixMatcher,
  rangeMatcher,
  singleMatcher,
  suffixMatcher,
  superMatcher,
  textMatcher,
} from "./matcher.ts";
import { equalNodes, type GlobNode, type GlobSequence, parseGlob } from "./parse-glob.ts";

/**
 * Compiles a file pattern of the dialect of `getFileGlob` (gobwas/glob with `/` as separator), faults of that library
 * included: the files that a template gets must be those that it gets in Go. Throws an Error for a malformed pattern.
 */
export function compileGlob(pattern: ByteString, budget: Budget): (path: ByteString) => boolean {
  const matcher = compileNode(parseGlob(pattern), budget);
  return (path) => matcher.matches(path, budget);
}

function compileNode(node: GlobNode, budget: Budget): Matcher {
  switch (node.kind) {
    case "text":
      return textMatcher(node.text);
    case "single":
      return singleMatcher();
    case "any":
      return anyMatcher();
    case "super":
      return superMatcher();
    case "list":
      if (!node.not && runeCount(node.characters) === 1) return textMatcher(node.characters);
      return listMatcher(node.characters, node.not);
    case "range":
      return rangeMatcher(node.low, node.high, node.not);
    case "either":
      return compileEither(node.branches, budget);
    case "sequence": {
      if (node.parts.length === 0) return nothingMatcher();
      const matchers = node.parts.map((part) => compileNode(part, budget));
      return simplify(combine(glueLongest(matchers, budget)));
    }
  }
}

/** What the branches begin or end with in common is compiled once. */
function compileEither(branches: readonly GlobSequence[], budget: Budget): Matcher {
  const { left, right } = commonParts(branches.map((branch) => branch.parts));
  if (left.length + right.length === 0) {
    const matchers = branches.map((branch) => compileNode(branch, budget));
    return matchers.length === 1 ? matchers[0]! : eitherMatcher(matchers);
  }
  const rests: GlobSequence[] = [];
  for (const { parts } of branches) {
    const rest = sequence(parts.slice(left.length, parts.length - right.length));
    if (!rests.some((other) => equalNodes(other, rest))) rests.push(rest);
  }
  const middle: GlobNode = rests.length > 1 ? { kind: "either", branches: rests } : rests[0]!;
  const parts = [sequence(left), middle, sequence(right)];
  return compileNode(sequence(parts.filter((part) => !isEmpty(part))), budget);
}

function isEmpty(node: GlobNode): boolean {
  return node.kind === "sequence" && node.parts.length === 0;
}

function sequence(parts: readonly GlobNode[]): GlobSequence {
  return { kind: "sequence", parts };
}

/** What all branches begin and end with. */
function commonParts(branches: readonly (readonly GlobNode[])[]): { left: GlobNode[]; right: GlobNode[] } {
  const left: GlobNode[] = [];
  const right: GlobNode[] = [];
  const shortest = branches.reduce((least, branch) => (branch.length < least.length ? branch : least));
  const others = branches.filter((branch) => branch !== shortest);
  let leftOpen = others.length > 0;
  let rightOpen = leftOpen;
  for (let i = 0; left.length + right.length < shortest.length && (leftOpen || rightOpen); i++) {
    const j = shortest.length - 1 - i;
    for (const other of others) {
      leftOpen &&= equalNodes(shortest[i]!, other[i]!);
      const free = !leftOpen || i < j;
      rightOpen &&= free && equalNodes(shortest[j]!, other[other.length - 1 - i]!);
    }
    if (leftOpen) left.push(shortest[i]!);
    if (rightOpen) right.unshift(shortest[j]!);
  }
  return { left, right };
}

/** Replaces the longest run of parts that can be one matcher, again and again. */
function glueLongest(matchers: readonly Matcher[], budget: Budget): readonly Matcher[] {
  let best: { readonly matcher: Matcher; readonly from: number; readonly to: number } | undefined;
  for (let from = 0; from < matchers.length; from++) {
    for (let to = matchers.length; to > from + 1; to--) {
      budget.spend(to - from);
      const matcher = glue(matchers.slice(from, to));
      if (matcher === undefined) continue;
      if (best === undefined || isBetter(matcher, best.matcher) || to - from > best.to - best.from) {
        best = { matcher, from, to };
      }
    }
  }
  if (best === undefined) return matchers;
  return glueLongest([...matchers.slice(0, best.from), best.matcher, ...matchers.slice(best.to)], budget);
}

function isBetter(matcher: Matcher, than: Matcher): boolean {
  return matcher.length !== undefined && than.length !== undefined && matcher.length > than.length;
}

/** Parts side by side as one matcher; undefined where there is none for them. */
function glue(matchers: readonly Matcher[]): Matcher | undefined {
  if (matchers.length < 2) return undefined;
  const run = glueRun(matchers);
  if (run !== undefined) return run;
  return matchers.every((matcher) => matcher.length !== undefined) ? rowMatcher(matchers) : undefined;
}

/** A run of stars and characters that leave out the same. */
function glueRun(matchers: readonly Matcher[]): Matcher | undefined {
  const [first] = matchers;
  const excluded = first?.excluded;
  if (excluded === undefined || matchers.some((matcher) => matcher.excluded !== excluded)) return undefined;
  if (excluded === "") return first;
  const characters = matchers.filter((matcher) => matcher.kind !== "any").length;
  if (characters === 0) return first;
  const bounds = [minimumMatcher(characters)];
  if (characters === matchers.length) bounds.push(maximumMatcher(characters));
  return everyMatcher([...bounds, containsMatcher(excluded, true)]);
}

/** Matches around the longest part of known length, the last of several. */
function combine(matchers: readonly Matcher[]): Matcher {
  if (matchers.length === 1) return matchers[0]!;
  const glued = glue(matchers);
  if (glued !== undefined) return glued;
  const lengths = matchers.map((matcher) => matcher.length ?? -1);
  const longest = Math.max(...lengths);
  const at = longest === -1 ? 0 : lengths.lastIndexOf(longest);
  const part = (side: readonly Matcher[]): Matcher | undefined =>
    side.length === 0 ? undefined : combine(side);
  return treeMatcher({
    value: matchers[at]!,
    left: part(matchers.slice(0, at)),
    right: part(matchers.slice(at + 1)),
  });
}

/** A text with stars beside it needs no tree. */
function simplify(matcher: Matcher): Matcher {
  if (matcher.tree === undefined) return matcher;
  const { value } = matcher.tree;
  const left = matcher.tree.left && simplify(matcher.tree.left);
  const right = matcher.tree.right && simplify(matcher.tree.right);
  const text = value.kind === "text" ? value.text : undefined;
  const simple = text === undefined ? undefined : beside(text, left, right);
  return simple ?? treeMatcher({ value, left, right });
}

function beside(
  text: ByteString,
  left: Matcher | undefined,
  right: Matcher | undefined,
): Matcher | undefined {
  switch (`${left?.kind ?? "nothing"} ${right?.kind ?? "nothing"}`) {
    case "super super":
      return containsMatcher(text, false);
    case "super nothing":
      return suffixMatcher(text, true);
    case "nothing super":
      return prefixMatcher(text, true);
    case "nothing suffix":
      return prefixSuffixMatcher(text, right?.text ?? "");
    case "prefix nothing":
      return prefixSuffixMatcher(left?.text ?? "", text);
    case "any nothing":
      return suffixMatcher(text, false);
    case "nothing any":
      return prefixMatcher(text, false);
    default:
      return undefined;
  }
}
